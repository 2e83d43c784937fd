import { useTranslations } from "use-intl";
import { ConfirmDialog } from "../../ui/confirm-dialog.tsx";

export interface DeleteDialogProps {
  readonly path: string;
  readonly isFolder: boolean;
  readonly onConfirm: (path: string) => void;
  readonly onCancel: () => void;
}

/** Asks before a file or folder goes away; open for as long as it is there. */
export function DeleteDialog({ path, isFolder, onConfirm, onCancel }: DeleteDialogProps) {
  const t = useTranslations("files");
  return (
    <ConfirmDialog
      title={t("deleteTitle", { path })}
      text={t(isFolder ? "deleteFolderText" : "deleteText")}
      confirm={t("deleteConfirm")}
      cancel={t("keep")}
      onConfirm={() => onConfirm(path)}
      onCancel={onCancel}
    />
  );
}
