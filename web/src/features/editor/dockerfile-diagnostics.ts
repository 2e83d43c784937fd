import type { Action, Diagnostic } from "@codemirror/lint";
import type { Text } from "@codemirror/state";
import type { EditorView } from "@codemirror/view";
import { checkDockerfile, IgnoreFile, ignoreFileNames, type QuickFix, quickFixes } from "@slipway/dockerfile";
import { dockerfileOf } from "./dockerfile-service.ts";
import type { EditorVoice } from "./editor-voice.ts";
import { excerpt } from "./marks.ts";
import type { ContextFile } from "./surroundings.ts";

/** Fixes that one problem offers. */
const MAX_FIXES = 3;
/** Characters of a button's text. */
const MAX_TITLE_CHARACTERS = 80;

/** What parser and checks say of a Dockerfile, each with its fixes, as CodeMirror shows it. */
export function dockerfileDiagnostics(
  doc: Text,
  path: string,
  files: readonly ContextFile[],
  voice: Pick<EditorVoice, "say" | "fix">,
): Diagnostic[] {
  const text = dockerfileOf(doc);
  const surroundings = { ignoreFile: ignoreFileFor(path, files), files: files.map((file) => file.path) };
  return checkDockerfile(text, surroundings).map((found) => {
    const span = text.places.spanOf(found.range);
    const end = doc.lineAt(span.from).to;
    return {
      from: span.from,
      // Of an instruction over many lines the first one is marked.
      to: Math.min(span.to, Math.max(end, span.from)),
      severity: found.severity,
      source: found.code,
      message: voice.say(found, excerpt(text.text, found.range)),
      actions: quickFixes(text, found)
        .slice(0, MAX_FIXES)
        .map((fix) => actionOf(fix, doc, voice)),
    };
  });
}

/** The ignore file that counts for a Dockerfile; null where there is none, or where its text has not arrived yet. */
function ignoreFileFor(path: string, files: readonly ContextFile[]): IgnoreFile | null {
  const counts = ignoreFileNames(path)
    .map((name) => files.find((file) => file.path === name))
    .find((file) => file !== undefined);
  return counts?.content == null ? null : new IgnoreFile(counts.content);
}

function actionOf(fix: QuickFix, doc: Text, voice: Pick<EditorVoice, "fix">): Action {
  const name = voice.fix(fix.title);
  return {
    name: name.length > MAX_TITLE_CHARACTERS ? `${name.slice(0, MAX_TITLE_CHARACTERS - 1)}…` : name,
    apply(view: EditorView) {
      // The places are those of the text that was checked.
      if (!view.state.doc.eq(doc)) return;
      view.dispatch({
        changes: fix.edits.map(({ from, to, insert }) => ({ from, to, insert })),
        userEvent: "input.fix",
      });
      view.focus();
    },
  };
}
