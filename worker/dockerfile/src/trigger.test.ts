import { expect, it } from "vitest";
import { parseTrigger } from "./trigger.ts";

it.each([
  ["RUN make", { kind: "run" }],
  ["copy --from=base a /b", { kind: "copy", from: "base" }],
  ["RUN <<EOF\nmake\nEOF", { kind: "run", command: { hereDocuments: [{ content: "make\n" }] } }],
  ['CMD ["a"]', { kind: "cmd" }],
])("the trigger %j is carried out", (text, instruction) => {
  expect(parseTrigger(text)).toMatchObject({ instruction, diagnostics: [] });
});

it.each([
  "",
  "FROM a",
  "MAINTAINER a",
  "ONBUILD RUN a",
  "RUN a\nRUN b",
  "RUNN a",
  "COPY a",
  "RUN <<EOF\nmake",
])("the trigger %j is refused", (text) => {
  const { instruction, diagnostics } = parseTrigger(text);
  expect(instruction).toBeNull();
  expect(diagnostics.length).toBeGreaterThan(0);
});
