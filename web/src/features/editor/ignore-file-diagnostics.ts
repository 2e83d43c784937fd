import type { Diagnostic } from "@codemirror/lint";
import type { Text } from "@codemirror/state";
import { IgnoreFile } from "@slipway/dockerfile";
import type { EditorVoice } from "./editor-voice.ts";

/** Lines of an ignore file that can't be followed; a build ends there. */
export function ignoreFileDiagnostics(doc: Text, voice: Pick<EditorVoice, "ignoreProblem">): Diagnostic[] {
  return new IgnoreFile(doc.toString()).problems.map(({ line, message }) => {
    const { from, to } = doc.line(Math.min(line, doc.lines));
    return { from, to, severity: "error", message: voice.ignoreProblem(message) };
  });
}
