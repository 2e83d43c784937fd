import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { type Diagnostic, lintGutter, setDiagnostics } from "@codemirror/lint";
import { Compartment, EditorState, type Extension, type Text } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import type { Diagnostic as DockerfileDiagnostic } from "@slipway/dockerfile";
import type { SourceRange } from "@slipway/protocol";
import { changeBetween } from "./change-between.ts";
import { dockerfileMarks } from "./dockerfile-marks.ts";
import { editorTheme } from "./editor-theme.ts";
import { isDockerfile, languageOf, loadLanguage } from "./languages.ts";
import type { Mark, Reveal } from "./marks.ts";

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
  readonly label: (path: string) => string;
  readonly changed: (path: string, content: string) => void;
  /** A sentence for what the parser found; `word` is the text that it is about. */
  readonly say: (diagnostic: DockerfileDiagnostic, word: string) => string;
  /** Ctrl+Enter, or Command+Enter. */
  readonly build: () => void;
}

export interface CodeEditor {
  open(path: string, content: string): void;
  /** Takes over a content that was changed elsewhere; the cursor stays where it is in the text. */
  follow(path: string, content: string): void;
  mark(marks: readonly Mark[]): void;
  reveal(reveal: Reveal): void;
  close(): void;
}

export function openCodeEditor(options: CodeEditorOptions): CodeEditor {
  const states = new Map<string, EditorState>();
  let current: string | null = null;
  let given: readonly Mark[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  const view = new EditorView({ parent: options.parent });

  const check = () => {
    const found =
      current !== null && isDockerfile(current)
        ? dockerfileMarks(view.state.doc.toString(), options.say)
        : [];
    const marks = [...found, ...given.filter((mark) => !found.some((other) => sameStart(mark, other)))];
    const diagnostics = marks.map((mark) => diagnosticOf(view.state.doc, mark));
    view.dispatch(
      setDiagnostics(
        view.state,
        diagnostics.sort((a, b) => a.from - b.from),
      ),
    );
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
    close() {
      clearTimeout(timer);
      view.destroy();
    },
  };
}

function extensionsOf(path: string, options: CodeEditorOptions): Extension[] {
  return [
    lineNumbers(),
    highlightActiveLine(),
    highlightActiveLineGutter(),
    lintGutter(),
    history(),
    drawSelection(),
    indentOnInput(),
    bracketMatching(),
    EditorState.tabSize.of(2),
    languageSlot.of(languageOf(path)?.support ?? []),
    editorTheme,
    EditorView.lineWrapping,
    EditorView.contentAttributes.of({ "aria-label": options.label(path), spellcheck: "false" }),
    keymap.of([
      {
        key: "Mod-Enter",
        run: () => {
          options.build();
          return true;
        },
      },
      indentWithTab,
      ...defaultKeymap,
      ...historyKeymap,
    ]),
    EditorView.updateListener.of((update) => {
      if (!update.docChanged) return;
      options.changed(path, update.state.doc.toString());
    }),
  ];
}

const sameStart = (one: Mark, other: Mark): boolean => one.range.startLine === other.range.startLine;

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
