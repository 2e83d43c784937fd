import { expect, test } from "vitest";
import {
  ARG_NAME,
  isAnythingRemembered,
  newRow,
  problemOf,
  type Row,
  rowsOf,
  SECRET_ID,
  wishOf,
} from "./wish.ts";

const rows = (...pairs: [name: string, value: string][]): Row[] =>
  pairs.map(([name, value], key) => ({ key, name, value }));
const draft = { noCache: false, pull: true, target: "test", buildArgs: [], secrets: [], sshKeys: [] };

test("lists become what the server takes: names without spaces around, values as they are, empty lines left out", () => {
  const buildArgs = rows([" VERSION ", " 1 "], ["", ""], ["EMPTY", ""]);
  expect(wishOf({ ...draft, buildArgs })).toMatchObject({
    pull: true,
    target: "test",
    buildArgs: { VERSION: " 1 ", EMPTY: "" },
  });
});

test("a secret that was offered and left empty is not given", () => {
  const secrets = rows(["token", "x"], ["other", ""]);
  expect(wishOf({ ...draft, secrets }).secrets).toEqual({ token: "x" });
});

test.each([
  [rows(["A", "1"], ["", ""]), ARG_NAME, null],
  [rows(["", "lost"]), ARG_NAME, { kind: "nameMissing", name: "" }],
  [rows(["A", "1"], ["A ", "2"]), ARG_NAME, { kind: "nameTwice", name: "A" }],
  [rows(["A=B", "1"]), ARG_NAME, { kind: "nameWrong", name: "A=B" }],
  [rows(["a,b", "1"]), SECRET_ID, { kind: "nameWrong", name: "a,b" }],
  [rows(["npm/rc.v2", "1"]), SECRET_ID, null],
])("%j", (list, allowed, problem) => {
  expect(problemOf(list, allowed)).toEqual(problem);
});

test("new lines have keys of their own, also after one was taken out", () => {
  const [, second] = rowsOf({ A: "1", B: "2" });
  const kept = second === undefined ? [] : [second];
  expect(newRow(kept).key).not.toBe(second?.key);
  expect(newRow([]).key).toBe(0);
});

test("only target and arguments are remembered", () => {
  expect(isAnythingRemembered({ target: null, buildArgs: {} })).toBe(false);
  expect(isAnythingRemembered({ target: "test", buildArgs: {} })).toBe(true);
  expect(isAnythingRemembered({ target: null, buildArgs: { A: "" } })).toBe(true);
});
