import { useEffect, useRef, useState } from "react";
import { useLocale, useTranslations } from "use-intl";
import { loadChunk } from "../../ui/load-chunk.ts";
import type { CodeEditor } from "./code-mirror.ts";
import { editorVoice } from "./editor-voice.ts";
import { isIgnoreFile } from "./file-kinds.ts";
import type { Mark, Reveal } from "./marks.ts";
import type { ContextFile, KnownImage } from "./surroundings.ts";

export interface EditorProps {
  readonly path: string;
  readonly content: string;
  /** Grows when the content changes by something else than typing here. */
  readonly outside: number;
  readonly marks: readonly Mark[];
  /** Places that somebody wants to see: from a build, and from the editor's own panels. */
  readonly reveal: Reveal | null;
  readonly jump: Reveal | null;
  /** All files of the playground: the build context. */
  readonly files: readonly ContextFile[];
  readonly images: readonly KnownImage[];
  /** Grows with each wish to have the file brought into the usual form. */
  readonly formatWish: number;
  readonly onChange: (path: string, content: string) => void;
  readonly onBuild: () => void;
}

/** The text of the open file. The editor's own code comes in a chunk of its own; the text shows at once. */
export function Editor(props: EditorProps) {
  const { path, content, outside, marks, reveal, jump, files, formatWish } = props;
  const t = useTranslations();
  const language = useLocale();
  const host = useRef<HTMLDivElement>(null);
  const [editor, setEditor] = useState<CodeEditor | null>(null);
  const calls = useRef({ props, t, language });
  useEffect(() => {
    calls.current = { props, t, language };
  });

  useEffect(() => {
    let opened: CodeEditor | null = null;
    let gone = false;
    void loadChunk(() => import("./code-mirror.ts")).then(({ openCodeEditor }) => {
      if (gone || host.current === null) return;
      const now = () => calls.current.props;
      opened = openCodeEditor({
        parent: host.current,
        voice: editorVoice(calls.current.t, calls.current.language),
        changed: (name, text) => now().onChange(name, text),
        files: () => now().files,
        images: () => now().images,
        build: () => now().onBuild(),
      });
      opened.open(now().path, now().content);
      setEditor(opened);
    });
    return () => {
      gone = true;
      opened?.close();
      setEditor(null);
    };
  }, []);

  useEffect(() => editor?.open(path, calls.current.props.content), [editor, path]);
  useEffect(() => {
    if (outside > 0) editor?.follow(calls.current.props.path, calls.current.props.content);
  }, [editor, outside]);
  useEffect(() => {
    // The path decides which text the marks stand in, therefore they are set again when it changes.
    if (path !== "") editor?.mark(marks);
  }, [editor, path, marks]);
  useEffect(() => {
    if (reveal !== null) editor?.reveal(reveal);
  }, [editor, reveal]);
  useEffect(() => {
    if (jump !== null) editor?.reveal(jump);
  }, [editor, jump]);
  // With another ignore file or another set of files the checks may find something else.
  const context = files
    .map((file) => (isIgnoreFile(file.path) ? `${file.path}\0${file.content}` : file.path))
    .join("\n");
  useEffect(() => {
    if (context !== "") editor?.check();
  }, [editor, context]);
  useEffect(() => {
    if (formatWish > 0) editor?.format();
  }, [editor, formatWish]);

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
