import { Text } from "@codemirror/state";
import { expect, test } from "vitest";
import { dockerfileDiagnostics } from "./dockerfile-diagnostics.ts";
import type { ContextFile } from "./surroundings.ts";

const VOICE = {
  say: ({ code }: { code: string }, word: string): string => `${code}: ${word}`,
  fix: ({ kind, text }: { kind: string; text: string }): string => `${kind} ${text}`,
};

const diagnosticsOf = (text: string, files: readonly ContextFile[] = []) =>
  dockerfileDiagnostics(Text.of(text.split("\n")), "Dockerfile", files, VOICE);

test("a misspelt instruction is marked where it stands, with the word itself and its fix", () => {
  const [found, ...more] = diagnosticsOf("FROM node\nRUNN echo hi\n");
  expect(more).toEqual([]);
  expect(found).toMatchObject({ from: 10, to: 14, severity: "error", message: "instruction-unknown: RUNN" });
  expect(found?.actions?.map(({ name }) => name)).toEqual(["replace RUN"]);
});

test("the builder's checks are shown as one types", () => {
  expect(diagnosticsOf("FROM node\nCMD node app.js\n").map(({ source }) => source)).toEqual([
    "JSONArgsRecommended",
  ]);
});

test("an instruction over many lines is marked in its first one", () => {
  const [found] = diagnosticsOf("FROM node\nCMD a \\\n  b\n");
  expect([found?.from, found?.to]).toEqual([10, 17]);
});

test("a file that .dockerignore leaves out is told where it is copied", () => {
  const files = [
    { path: "app.js", content: "" },
    { path: ".dockerignore", content: "*.js\n" },
  ];
  expect(diagnosticsOf("FROM node\nCOPY app.js /\n", files).map(({ source }) => source)).toEqual([
    "CopyIgnoredFile",
  ]);
});

test("a Dockerfile without faults has no marks", () => {
  expect(diagnosticsOf('FROM node\nADD app.js /app.js\nENTRYPOINT ["node", "app.js"]\n')).toEqual([]);
});

test("a hostile text of any kind is marked, not thrown over", () => {
  expect(() => diagnosticsOf("\u0000\\\n\\\n<<<<EOF\n")).not.toThrow();
});
