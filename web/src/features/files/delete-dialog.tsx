import { Action, Cancel, Content, Description, Overlay, Portal, Root, Title } from "radix-ui/alert-dialog";
import { useTranslations } from "use-intl";
import { Button } from "../../ui/button.tsx";

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
    <Root open onOpenChange={(open) => !open && onCancel()}>
      <Portal>
        <Overlay className="fixed inset-0 z-40 bg-veil" />
        <Content className="appear fixed top-1/2 left-1/2 z-50 w-[min(26rem,calc(100vw-2rem))] -translate-x-1/2 -translate-y-1/2 rounded-large border border-line bg-surface p-5 shadow-raised">
          <Title className="text-large font-semibold">{t("deleteTitle", { path })}</Title>
          <Description className="mt-1.5 text-ink-soft">
            {t(isFolder ? "deleteFolderText" : "deleteText")}
          </Description>
          <div className="mt-5 flex justify-end gap-2">
            <Cancel asChild>
              <Button>{t("keep")}</Button>
            </Cancel>
            <Action asChild onClick={() => onConfirm(path)}>
              <Button look="danger">{t("deleteConfirm")}</Button>
            </Action>
          </div>
        </Content>
      </Portal>
    </Root>
  );
}
