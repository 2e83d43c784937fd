import { IgnoreFile, type IgnoreRule } from "@slipway/dockerfile";
import { TriangleAlert, X } from "lucide-react";
import { useDeferredValue, useMemo } from "react";
import { useTranslations } from "use-intl";
import { Button, IconButton } from "../../ui/button.tsx";
import { bytes } from "../../ui/format.ts";
import { PanelHeader } from "../../ui/panel-header.tsx";
import { ContextRows } from "./context-rows.tsx";
import { type ContextFolderNode, contextView, type SizedFile } from "./context-tree.ts";

export interface ContextPanelProps {
  readonly files: readonly SizedFile[];
  /** The ignore file that counts; null where there is none. */
  readonly ignoreFile: { readonly path: string; readonly text: string } | null;
  /** Shows a line of the ignore file. */
  readonly onShowRule: (path: string, line: number) => void;
  /** Leaves out what a pattern names, by a line in the ignore file. */
  readonly onIgnore: (pattern: string) => void;
  readonly onOpen: (path: string) => void;
  readonly onClose: () => void;
}

/** The context view: which files go into the build, how big they are, and which rule leaves the others out. */
export function ContextPanel({
  files,
  ignoreFile,
  onShowRule,
  onIgnore,
  onOpen,
  onClose,
}: ContextPanelProps) {
  const t = useTranslations("buildContext");
  const shownFiles = useDeferredValue(files);
  const text = useDeferredValue(ignoreFile?.text ?? null);
  const { rules, view } = useMemo(() => {
    const parsed = text === null ? null : new IgnoreFile(text);
    return { rules: parsed, view: contextView(shownFiles, parsed) };
  }, [shownFiles, text]);
  const { root, largest, doubtful } = view;
  const [problem] = rules?.problems ?? [];
  const showRule = ({ line }: IgnoreRule) => ignoreFile !== null && onShowRule(ignoreFile.path, line);
  return (
    <section
      aria-label={t("title")}
      className="flex max-h-[55%] min-h-0 shrink-0 flex-col border-line border-t"
    >
      <PanelHeader
        title={t("title")}
        note={t("sum", { count: root.sent.files, bytes: bytes(root.sent.bytes) })}
      >
        <IconButton label={t("close")} onClick={onClose}>
          <X size={16} aria-hidden="true" />
        </IconButton>
      </PanelHeader>
      <div className="min-h-0 overflow-y-auto px-4 py-2.5 text-small">
        <p className="text-ink-soft">
          {root.leftOut.files === 0
            ? t(ignoreFile === null ? "noIgnoreFile" : "nothingLeftOut")
            : t("leftOut", { count: root.leftOut.files, bytes: bytes(root.leftOut.bytes) })}
        </p>
        {problem !== undefined && (
          <p className="mt-1 text-bad">
            {t("problem", { line: String(problem.line), message: problem.message })}
          </p>
        )}
        {doubtful.map((folder) => (
          <Doubt key={folder.path} folder={folder} onIgnore={onIgnore} />
        ))}
        {largest.length > 1 && (
          <details className="mt-2">
            <summary className="cursor-pointer font-semibold">{t("largest")}</summary>
            <ol aria-label={t("largest")} className="mt-1">
              {largest.map((file) => (
                <li key={file.path} className="flex gap-3 py-0.5 pl-4">
                  <button
                    type="button"
                    className="min-w-0 truncate text-left font-mono hover:underline"
                    onClick={() => onOpen(file.path)}
                  >
                    {file.path}
                  </button>
                  <span className="ml-auto shrink-0 text-ink-faint tabular-nums">{bytes(file.bytes)}</span>
                </li>
              ))}
            </ol>
          </details>
        )}
        <h3 className="mt-2.5 font-semibold">{t("files")}</h3>
        <ContextRows nodes={root.children} onOpen={onOpen} onShowRule={showRule} />
      </div>
    </section>
  );
}

function Doubt({
  folder,
  onIgnore,
}: {
  readonly folder: ContextFolderNode;
  readonly onIgnore: (pattern: string) => void;
}) {
  const t = useTranslations("buildContext");
  return (
    <div className="mt-2 flex flex-wrap items-center gap-x-3 gap-y-1.5 rounded-medium bg-warn-soft px-3 py-2">
      <TriangleAlert size={16} className="shrink-0 text-warn" aria-hidden="true" />
      <p className="min-w-0 flex-1 basis-48">
        {t("doubt", { folder: folder.path, count: folder.sent.files, bytes: bytes(folder.sent.bytes) })}
      </p>
      <Button size="small" onClick={() => onIgnore(folder.path)}>
        {t("ignore", { folder: folder.path })}
      </Button>
    </div>
  );
}
