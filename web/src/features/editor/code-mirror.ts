import { type Diagnostic, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Text } from "@codemirror/state";
import { EditorView } from "@codemirror/view";
import type { SourceRange } from "@slipway/protocol";
import { changeBetween } from "./change-between.ts";
import { dockerfileDiagnostics } from "./dockerfile-diagnostics.ts";
import { dockerfileLanguage, format } from "./dockerfile-language.ts";
import { basics } from "./editor-basics.ts";
import type { EditorVoice } from "./editor-voice.ts";
import { isDockerfile, isIgnoreFile } from "./file-kinds.ts";
import { ignoreFileDiagnostics } from "./ignore-file-diagnostics.ts";
import { languageOf, loadLanguage } from "./languages.ts";
import type { Mark, Reveal } from "./marks.ts";
import type { ContextFile, KnownImage } from "./surroundings.ts";

/*
 * The editor itself, without React: one view, and one state per file so that each keeps its own history and selection.
 * This module is a chunk of its own, loaded when a playground is open.
 */

/** Pause after the last key before a Dockerfile is checked again. */
const CHECK_DELAY_MS = 250;

/** Where a file's language goes once its chunk is there. */
const languageSlot = new Compartment();

export interface CodeEditorOptions {
  readonly parent: HTMLElement;
  readonly voice: EditorVoice;
  readonly changed: (path: string, content: string) => void;
  /** All files of the playground: the build context. */
  readonly files: () => readonly ContextFile[];
  readonly images: () => readonly KnownImage[];
  /** Ctrl+Enter, or Command+Enter. */
  readonly build: () => void;
}

export interface CodeEditor {
  open(path: string, content: string): void;
  /** Takes over a content that was changed elsewhere; the cursor stays where it is in the text. */
  follow(path: string, content: string): void;
  mark(marks: readonly Mark[]): void;
  reveal(reveal: Reveal): void;
  /** Brings the open Dockerfile into the usual form. */
  format(): void;
  /** Checks again, because other files have changed. */
  check(): void;
  close(): void;
}

export function openCodeEditor(options: CodeEditorOptions): CodeEditor {
  const states = new Map<string, EditorState>();
  let current: string | null = null;
  let given: readonly Mark[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const view = new EditorView({ parent: options.parent });

  const check = () => {
    const { doc } = view.state;
    const found = current === null ? [] : foundIn(current, doc, options);
    const marks = given
      .map((mark) => diagnosticOf(doc, mark))
      .filter((mark) => !found.some((other) => doc.lineAt(other.from).from === doc.lineAt(mark.from).from));
    const diagnostics = [...found, ...marks].sort((a, b) => a.from - b.from);
    view.dispatch(setDiagnostics(view.state, diagnostics));
  };
  const changed = (path: string, content: string) => {
    clearTimeout(timer);
    timer = setTimeout(check, CHECK_DELAY_MS);
    options.changed(path, content);
  };

  const stateOf = (path: string, content: string): EditorState => {
    const kept = states.get(path);
    if (kept !== undefined && kept.doc.toString() === content) return kept;
    return EditorState.create({ doc: content, extensions: extensionsOf(path, { ...options, changed }) });
  };
  /** Text shows at once; its colours come with the chunk of its language. */
  const colour = async (path: string): Promise<void> => {
    const language = languageOf(path);
    if (language === null) return;
    const support = await loadLanguage(language);
    if (current !== path || languageSlot.get(view.state) === support) return;
    view.dispatch({ effects: languageSlot.reconfigure(support) });
  };

  return {
    open(path, content) {
      if (path === current) return;
      if (current !== null) states.set(current, view.state);
      current = path;
      view.setState(stateOf(path, content));
      // A chunk that can't be had costs colours only.
      colour(path).catch(() => null);
      check();
    },
    follow(path, content) {
      if (path !== current) return;
      const changes = changeBetween(view.state.doc.toString(), content);
      if (changes) view.dispatch({ changes });
    },
    mark(marks) {
      given = marks;
      check();
    },
    reveal({ range }) {
      const { from, to } = positions(view.state.doc, range);
      view.dispatch({
        selection: { anchor: from, head: to },
        effects: EditorView.scrollIntoView(from, { y: "center" }),
      });
      view.focus();
    },
    format() {
      if (current !== null && isDockerfile(current)) format(view);
      view.focus();
    },
    check,
    close() {
      clearTimeout(timer);
      view.destroy();
    },
  };
}

/** What can be said of a file's text by itself. */
function foundIn(path: string, doc: Text, { files, voice }: CodeEditorOptions): Diagnostic[] {
  if (isDockerfile(path)) return dockerfileDiagnostics(doc, path, files(), voice);
  return isIgnoreFile(path) ? ignoreFileDiagnostics(doc, voice) : [];
}

function extensionsOf(path: string, options: CodeEditorOptions) {
  return [
    ...basics({ build: options.build, label: options.voice.label(path), phrases: options.voice.phrases }),
    languageSlot.of(languageOf(path)?.support ?? []),
    isDockerfile(path) ? dockerfileLanguage(options) : [],
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      options.changed(path, update.state.doc.toString());
    }),
  ];
}

/** A range of the protocol (lines and columns from 1, end inclusive) in a text that may have changed since. */
function positions(doc: Text, range: SourceRange): { from: number; to: number } {
  const at = (line: number, column: number): number => {
    const found = doc.line(Math.min(Math.max(1, line), doc.lines));
    return Math.min(found.from + Math.max(0, column), found.to);
  };
  const from = at(range.startLine, range.startColumn - 1);
  return { from, to: Math.max(from, at(range.endLine, range.endColumn)) };
}

const diagnosticOf = (doc: Text, mark: Mark): Diagnostic => ({
  ...positions(doc, mark.range),
  severity: mark.severity,
  message: mark.text,
});
