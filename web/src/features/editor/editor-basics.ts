import { completionKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap, indentWithTab } from "@codemirror/commands";
import { bracketMatching, indentOnInput } from "@codemirror/language";
import { forEachDiagnostic, lintGutter, lintKeymap } from "@codemirror/lint";
import { EditorState, type Extension } from "@codemirror/state";
import {
  drawSelection,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  tooltips,
} from "@codemirror/view";
import { editorTheme } from "./editor-theme.ts";

export interface BasicsOptions {
  readonly label: string;
  readonly build: () => void;
  readonly phrases: Readonly<Record<string, string>>;
}

/** What every file is edited with, whatever its language. */
export function basics({ label, build, phrases }: BasicsOptions): Extension[] {
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
    EditorState.phrases.of(phrases),
    editorTheme,
    EditorView.lineWrapping,
    // Panels have edges that would cut tooltips off.
    tooltips({ position: "fixed", parent: document.body }),
    EditorView.contentAttributes.of({ "aria-label": label, spellcheck: "false" }),
    keymap.of([
      {
        key: "Mod-Enter",
        run: () => {
          build();
          return true;
        },
      },
      { key: "Mod-.", run: applyFix },
      ...completionKeymap,
      ...lintKeymap,
      indentWithTab,
      ...defaultKeymap,
      ...historyKeymap,
    ]),
  ];
}

/** Applies the first fix of what is marked at the cursor, or else in its line. */
function applyFix(view: EditorView): boolean {
  const { head } = view.state.selection.main;
  const line = view.state.doc.lineAt(head);
  let best: { readonly apply: () => void; readonly distance: number } | null = null;
  forEachDiagnostic(view.state, ({ actions }, from, to) => {
    const [action] = actions ?? [];
    if (action === undefined || to < line.from || from > line.to) return;
    const distance = head < from ? from - head : Math.max(0, head - to);
    if (best === null || distance < best.distance)
      best = { apply: () => action.apply(view, from, to), distance };
  });
  const found = best as { readonly apply: () => void } | null;
  found?.apply();
  return found !== null;
}
