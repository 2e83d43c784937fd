import { FolderInput } from "lucide-react";
import { useEffect, useState } from "react";
import { useTranslations } from "use-intl";
import { classNames } from "../../../ui/class-names.ts";
import { type Collected, collectDrop } from "../../../ui/collect-files.ts";

/** The browser says every 350 ms at least that something is still held over the page. */
const GONE_MS = 800;

/**
 * Lies over the terminals while files are dragged over the page, and takes those that are dropped there. Elsewhere on the page they do
 * what they do there.
 */
export function DropArea(props: {
  /** Name of the terminal whose folder they would go to. */
  readonly into: string;
  readonly onDrop: ((dropped: () => Promise<Collected[]>) => void) | null;
}) {
  const t = useTranslations("containerFiles");
  const { into, onDrop } = props;
  const [isOver, setOver] = useState(false);
  const dragged = useDraggedFiles(onDrop !== null);
  if (onDrop === null || !dragged) return null;
  return (
    // A mouse brings files here; the button beside the terminals does the same for everybody else.
    <div className="relative z-20 h-0">
      <fieldset
        aria-label={t("drop")}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={(event) => {
          event.preventDefault();
          setOver(false);
          onDrop(collectDrop(event.dataTransfer));
        }}
        className={classNames(
          "absolute inset-x-2 top-2 flex h-40 flex-col items-center justify-center gap-1 rounded-large border-2 border-dashed bg-surface text-center",
          isOver ? "border-sea" : "border-line-strong",
        )}
      >
        <FolderInput aria-hidden="true" size={22} strokeWidth={1.5} className="text-sea" />
        <span className="font-medium">{t("drop")}</span>
        <span className="px-3 text-ink-soft text-small">{t("dropText", { name: into })}</span>
      </fieldset>
    </div>
  );
}

/** True while files are held over the page. */
function useDraggedFiles(enabled: boolean): boolean {
  const [dragged, setDragged] = useState(false);
  useEffect(() => {
    if (!enabled) return;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const gone = () => {
      clearTimeout(timer);
      setDragged(false);
    };
    const over = (event: DragEvent) => {
      if (!event.dataTransfer?.types.includes("Files")) return;
      clearTimeout(timer);
      timer = setTimeout(gone, GONE_MS);
      setDragged(true);
    };
    document.addEventListener("dragover", over);
    document.addEventListener("drop", gone);
    return () => {
      gone();
      document.removeEventListener("dragover", over);
      document.removeEventListener("drop", gone);
    };
  }, [enabled]);
  return dragged;
}
