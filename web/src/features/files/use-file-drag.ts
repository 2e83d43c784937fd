import { type DragEvent, useRef, useState } from "react";
import { folderOf, movedTo, type TreeRow } from "./file-tree.ts";

export type FileDrag = ReturnType<typeof useFileDrag>;

export interface FileDragOptions {
  readonly move: (from: string, to: string) => void;
  readonly onDropped: (items: DataTransfer, folder: string) => void;
}

/** Files that are dragged: from folder to folder of the tree, and from outside of the page into it. */
export function useFileDrag({ move, onDropped }: FileDragOptions) {
  const [target, setTarget] = useState<string | null>(null);
  /** The row that is being dragged; null for what comes from outside. */
  const dragged = useRef<string | null>(null);

  const takes = (event: DragEvent, folder: string): boolean =>
    dragged.current === null
      ? event.dataTransfer.types.includes("Files")
      : movedTo(dragged.current, folder) !== null;

  const over = (event: DragEvent, folder: string) => {
    event.stopPropagation();
    const taken = takes(event, folder);
    if (taken) event.preventDefault();
    setTarget(taken ? folder : null);
  };
  const drop = (event: DragEvent, folder: string) => {
    event.stopPropagation();
    if (!takes(event, folder)) return;
    event.preventDefault();
    const from = dragged.current;
    const to = from === null ? null : movedTo(from, folder);
    dragged.current = null;
    setTarget(null);
    if (from === null) onDropped(event.dataTransfer, folder);
    else if (to !== null) move(from, to);
  };

  return {
    /** The folder that would take what is dragged; empty for the outermost. */
    target,
    over,
    drop,
    left: () => setTarget(null),
    row({ path, isFolder }: TreeRow) {
      const folder = isFolder ? path : folderOf(path);
      return {
        onDragStart(event: DragEvent) {
          dragged.current = path;
          event.dataTransfer.effectAllowed = "move" as const;
          event.dataTransfer.setData("text/plain", path);
        },
        onDragOver: (event: DragEvent) => over(event, folder),
        onDrop: (event: DragEvent) => drop(event, folder),
        onDragEnd() {
          dragged.current = null;
          setTarget(null);
        },
      };
    },
  };
}
