import type { Text } from "@codemirror/state";
import { DockerfileText } from "@slipway/dockerfile";

const read = new WeakMap<Text, DockerfileText>();

/** The parsed Dockerfile of a document. Completion, hover and checks of one state share the parse. */
export function dockerfileOf(doc: Text): DockerfileText {
  const known = read.get(doc);
  if (known !== undefined) return known;
  const text = new DockerfileText(doc.toString());
  read.set(doc, text);
  return text;
}
