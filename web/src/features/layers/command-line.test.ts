import { expect, it } from "vitest";
import { commandLine, typed } from "./command-line.ts";

it.each([
  [["node"], ["app.js"], "both", "node app.js"],
  [["node", "app.js"], null, "entrypoint", "node app.js"],
  [null, ["sh"], "command", "sh"],
  [[], [], "none", ""],
  [null, null, "none", ""],
] as const)("entrypoint %j and command %j are %s: %s", (entrypoint, cmd, kind, line) => {
  const result = commandLine({ entrypoint, cmd });
  expect([result.kind, typed(result.words)]).toEqual([kind, line]);
});

it("a command that a shell starts is told from one that is a shell", () => {
  const isShellForm = (...cmd: string[]) => commandLine({ entrypoint: null, cmd }).isShellForm;
  expect(isShellForm("/bin/sh", "-c", "node app.js")).toBe(true);
  expect(isShellForm("/bin/bash", "-c", "x")).toBe(true);
  expect(isShellForm("bash")).toBe(false);
  expect(isShellForm("node", "-c", "x")).toBe(false);
});

it("words that a shell would take apart are quoted", () => {
  expect(typed(["echo", "a b", "it's", ""])).toBe("echo 'a b' 'it'\\''s' ''");
});
