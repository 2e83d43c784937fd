import { ChevronRight, File, FileDigit, Folder, FolderOpen, Pencil, Trash2 } from "lucide-react";
import type { DragEvent, KeyboardEvent } from "react";
import { useTranslations } from "use-intl";
import { IconButton } from "../../ui/button.tsx";
import { classNames } from "../../ui/class-names.ts";
import type { TreeRow } from "./file-tree.ts";

export interface FileRowProps {
  readonly row: TreeRow;
  readonly isText: boolean;
  readonly current: boolean;
  /** Of a folder. */
  readonly expanded: boolean;
  /** Something is being dragged over it that it would take. */
  readonly target: boolean;
  readonly inConflict: boolean;
  readonly onOpen: () => void;
  readonly onRename: () => void;
  readonly onDelete: () => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
  readonly drag: {
    readonly onDragStart: (event: DragEvent) => void;
    readonly onDragOver: (event: DragEvent) => void;
    readonly onDrop: (event: DragEvent) => void;
    readonly onDragEnd: () => void;
  };
}

/** Space before a name for each folder around it. */
const INDENT_REM = 0.75;

/** One file or folder. What can be done with it shows when the row is pointed at, focused or open. */
export function FileRow(props: FileRowProps) {
  const { row, current, expanded } = props;
  const { path, name, isFolder } = row;
  const t = useTranslations("files");
  const Icon = isFolder ? (expanded ? FolderOpen : Folder) : props.isText ? File : FileDigit;
  return (
    <div
      {...props.drag}
      draggable
      className={classNames(
        "group flex h-8 items-center rounded-medium pr-0.5 [contain-intrinsic-size:auto_2rem] [content-visibility:auto]",
        current ? "bg-sea-soft text-ink" : "text-ink-soft hover:bg-hover",
        props.target && "outline-2 outline-sea -outline-offset-2",
      )}
    >
      <button
        type="button"
        data-path={path}
        aria-current={current ? "true" : undefined}
        aria-expanded={isFolder ? expanded : undefined}
        onClick={props.onOpen}
        onDoubleClick={isFolder ? undefined : props.onRename}
        onKeyDown={props.onKeyDown}
        title={path}
        style={{ paddingLeft: `${0.375 + row.depth * INDENT_REM}rem` }}
        className="flex h-full min-w-0 flex-1 items-center gap-1 rounded-medium pr-1 text-left -outline-offset-2 font-mono text-small"
      >
        <ChevronRight
          size={13}
          aria-hidden="true"
          className={classNames("shrink-0", isFolder ? expanded && "rotate-90" : "invisible")}
        />
        <Icon size={14} strokeWidth={1.75} aria-hidden="true" className="shrink-0" />
        <span className={classNames("truncate", props.inConflict && "text-bad")}>{name}</span>
      </button>
      <span
        className={classNames(
          "items-center",
          current ? "flex" : "hidden group-focus-within:flex group-hover:flex",
        )}
      >
        <IconButton label={t("rename", { path })} onClick={props.onRename} className="size-6">
          <Pencil size={13} aria-hidden="true" />
        </IconButton>
        <IconButton label={t("delete", { path })} onClick={props.onDelete} className="size-6">
          <Trash2 size={13} aria-hidden="true" />
        </IconButton>
      </span>
    </div>
  );
}
