import { FilePlus2, FolderPlus, Upload } from "lucide-react";
import { lazy, type ReactNode, Suspense } from "react";
import { useTranslations } from "use-intl";
import { IconButton } from "../../ui/button.tsx";
import { classNames } from "../../ui/class-names.ts";
import { loadChunk } from "../../ui/load-chunk.ts";
import { FileNameField } from "./file-name-field.tsx";
import { FileRow } from "./file-row.tsx";
import { folderOf, inFolder, type TreeRow } from "./file-tree.ts";
import { moveFocus } from "./move-focus.ts";
import { type FileDrag, useFileDrag } from "./use-file-drag.ts";
import { type Tree, type TreeOptions, useTree } from "./use-tree.ts";

/** Its code is loaded when the first file is about to go. */
const DeleteDialog = lazy(() =>
  loadChunk(() => import("./delete-dialog.tsx")).then(({ DeleteDialog: dialog }) => ({ default: dialog })),
);

export interface FilesPanelProps extends TreeOptions {
  /** Uploads into a folder; `dropped`: what was dropped there. */
  readonly onUpload: (folder: string, dropped: DataTransfer | null) => void;
  readonly foot: ReactNode;
}

/** The playground's files as a tree: open, add, rename, move, delete. */
export function FilesPanel(options: FilesPanelProps) {
  const { open, onOpen, onUpload, foot } = options;
  const t = useTranslations("files");
  const tree = useTree(options);
  const drag = useFileDrag({ move: tree.move, onDropped: (items, folder) => onUpload(folder, items) });
  const { doing } = tree;
  return (
    <nav
      aria-label={t("title")}
      className="flex h-full min-h-0 flex-col"
      onDragOver={(event) => drag.over(event, "")}
      onDragLeave={drag.left}
      onDrop={(event) => drag.drop(event, "")}
    >
      <div className="flex h-10 shrink-0 items-center pr-1 pl-3">
        <h2 className="mr-auto font-semibold text-ink-soft text-small">{t("title")}</h2>
        <IconButton label={t("newFile")} onClick={() => tree.beginAdding("file")} className="size-7">
          <FilePlus2 size={16} strokeWidth={1.75} aria-hidden="true" />
        </IconButton>
        <IconButton label={t("newFolder")} onClick={() => tree.beginAdding("folder")} className="size-7">
          <FolderPlus size={16} strokeWidth={1.75} aria-hidden="true" />
        </IconButton>
        <IconButton
          label={t("upload.action")}
          onClick={() => onUpload(folderOf(open ?? ""), null)}
          className="size-7"
        >
          <Upload size={16} strokeWidth={1.75} aria-hidden="true" />
        </IconButton>
      </div>
      <ul
        className={classNames(
          "flex min-h-0 flex-1 flex-col gap-px overflow-y-auto px-1.5 pb-2",
          drag.target === "" && "bg-sea-soft",
        )}
      >
        {doing.kind === "adding" && (
          <li>
            <FileNameField
              label={t(doing.what === "file" ? "newFileName" : "newFolderName")}
              initial={doing.in === "" ? "" : inFolder(doing.in, "")}
              taken={tree.taken(null)}
              onDone={(name) => tree.add(doing.what, name)}
              onCancel={tree.done}
            />
          </li>
        )}
        {tree.rows.map((row) => (
          <li key={row.path}>
            <Line row={row} tree={tree} drag={drag} current={row.path === open} onOpen={onOpen} />
          </li>
        ))}
      </ul>
      {foot}
      {doing.kind === "deleting" && (
        <Suspense>
          <DeleteDialog
            path={doing.path}
            isFolder={tree.fileAt(doing.path)?.digest === null}
            onConfirm={tree.remove}
            onCancel={tree.done}
          />
        </Suspense>
      )}
    </nav>
  );
}

interface LineProps {
  readonly row: TreeRow;
  readonly tree: Tree;
  readonly drag: FileDrag;
  readonly current: boolean;
  readonly onOpen: (path: string) => void;
}

/** A row of the tree, or the field that renames it. */
function Line({ row, tree, drag, current, onOpen }: LineProps) {
  const t = useTranslations("files");
  const { path, isFolder } = row;
  const file = tree.fileAt(path);
  const rename = () => tree.begin({ kind: "renaming", path });
  const remove = () => tree.begin({ kind: "deleting", path });
  if (tree.doing.kind === "renaming" && tree.doing.path === path) {
    return (
      <FileNameField
        label={t("renameName", { path })}
        initial={path}
        taken={tree.taken(path)}
        onDone={(name) => (name === path ? tree.done() : tree.move(path, name))}
        onCancel={tree.done}
      />
    );
  }
  return (
    <FileRow
      row={row}
      isText={file?.isText ?? false}
      current={current}
      expanded={tree.expanded.has(path)}
      target={drag.target === path}
      inConflict={file?.conflict != null}
      onOpen={() => (isFolder ? tree.toggle(path) : onOpen(path))}
      onRename={rename}
      onDelete={remove}
      onKeyDown={(event) => {
        if (event.key === "F2") rename();
        else if (event.key === "Delete") remove();
        else if (isFolder && event.key === "ArrowRight") tree.toggle(path, true);
        else if (isFolder && event.key === "ArrowLeft") tree.toggle(path, false);
        else return moveFocus(event);
        event.preventDefault();
      }}
      drag={drag.row(row)}
    />
  );
}
