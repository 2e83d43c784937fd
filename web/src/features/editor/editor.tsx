import { useEffect, useRef, useState } from "react";
import { useTranslations } from "use-intl";
import { loadChunk } from "../../ui/load-chunk.ts";
import type { CodeEditor } from "./code-mirror.ts";
import type { Mark, Reveal } from "./marks.ts";

export interface EditorProps {
  readonly path: string;
  readonly content: string;
  /** Grows when the content changes by something else than typing here. */
  readonly outside: number;
  readonly marks: readonly Mark[];
  readonly reveal: Reveal | null;
  readonly onChange: (path: string, content: string) => void;
  readonly onBuild: () => void;
}

/** The text of the open file. The editor's own code comes in a chunk of its own; the text shows at once. */
export function Editor({ path, content, outside, marks, reveal, onChange, onBuild }: EditorProps) {
  const t = useTranslations();
  const host = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<CodeEditor | null>(null);
  const calls = useRef({ onChange, onBuild, t, path, content });
  useEffect(() => {
    calls.current = { onChange, onBuild, t, path, content };
  });

  useEffect(() => {
    let opened: CodeEditor | null = null;
    let gone = false;
    void loadChunk(() => import("./code-mirror.ts")).then(({ openCodeEditor }) => {
      if (gone || host.current === null) return;
      opened = openCodeEditor({
        parent: host.current,
        label: (name) => calls.current.t("playground.editorFor", { path: name }),
        changed: (name, text) => calls.current.onChange(name, text),
        say: ({ code, suggestion }, word) => {
          const sentence = calls.current.t(`diagnostics.${code}`, { word });
          return suggestion === null
            ? sentence
            : `${sentence} ${calls.current.t("didYouMean", { suggestion })}`;
        },
        build: () => calls.current.onBuild(),
      });
      opened.open(calls.current.path, calls.current.content);
      setEditor(opened);
    });
    return () => {
      gone = true;
      opened?.close();
      setEditor(null);
    };
  }, []);

  useEffect(() => editor?.open(path, calls.current.content), [editor, path]);
  useEffect(() => {
    if (outside > 0) editor?.follow(calls.current.path, calls.current.content);
  }, [editor, outside]);
  useEffect(() => {
    // The path decides which text the marks stand in, therefore they are set again when it changes.
    if (path !== "") editor?.mark(marks);
  }, [editor, path, marks]);
  useEffect(() => {
    if (reveal !== null) editor?.reveal(reveal);
  }, [editor, reveal]);

  return (
    <div className="relative min-h-0 flex-1">
      <div ref={host} className="absolute inset-0" />
      {editor === null && (
        <pre className="absolute inset-0 overflow-hidden py-2 pl-14 text-[0.875rem] leading-[1.7] text-ink-soft">
          {content}
        </pre>
      )}
    </div>
  );
}
