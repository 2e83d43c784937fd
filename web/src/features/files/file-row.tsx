import { Pencil, Trash2 } from "lucide-react";
import { useTranslations } from "use-intl";
import { IconButton } from "../../ui/button.tsx";
import { classNames } from "../../ui/class-names.ts";

export interface FileRowProps {
  readonly path: string;
  readonly current: boolean;
  readonly onOpen: () => void;
  readonly onRename: () => void;
  readonly onDelete: () => void;
}

/** One file. What can be done with it shows when the row is pointed at, focused or open. */
export function FileRow({ path, current, onOpen, onRename, onDelete }: FileRowProps) {
  const t = useTranslations("playground");
  return (
    <div
      className={classNames(
        "group flex h-8 items-center rounded-medium pr-0.5",
        current ? "bg-sea-soft text-ink" : "text-ink-soft hover:bg-hover",
      )}
    >
      <button
        type="button"
        aria-current={current ? "true" : undefined}
        onClick={onOpen}
        onDoubleClick={onRename}
        title={path}
        className="h-full min-w-0 flex-1 truncate rounded-medium px-2 text-left font-mono text-small"
      >
        {path}
      </button>
      <span
        className={classNames(
          "items-center",
          current ? "flex" : "hidden group-focus-within:flex group-hover:flex",
        )}
      >
        <IconButton label={t("rename", { path })} onClick={onRename} className="size-6">
          <Pencil size={13} aria-hidden="true" />
        </IconButton>
        <IconButton label={t("delete", { path })} onClick={onDelete} className="size-6">
          <Trash2 size={13} aria-hidden="true" />
        </IconButton>
      </span>
    </div>
  );
}
