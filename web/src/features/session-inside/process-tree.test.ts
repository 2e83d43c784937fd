import type { ProcessView } from "@slipway/protocol";
import { expect, test } from "vitest";
import { processRows } from "./process-tree.ts";

const process = (pid: number, hostPid: number, parentHostPid: number, container = "main") =>
  ({ pid, hostPid, parentHostPid, container }) as ProcessView;
const shown = (processes: readonly ProcessView[]) =>
  processRows(processes, "main").map(({ process: { pid }, depth }) => `${"-".repeat(depth)}${pid}`);

test("a process stands below its parent, and one from outside at the top", () => {
  const processes = [process(9, 109, 101), process(1, 101, 50), process(7, 107, 51), process(8, 108, 107)];
  expect(shown(processes)).toEqual(["1", "-9", "7", "-8"]);
});

test("processes of another container are not among them", () => {
  expect(shown([process(1, 101, 50), process(2, 102, 101, "other")])).toEqual(["1"]);
});

test("numbers that were given anew in the middle of a look make no endless tree", () => {
  expect(shown([process(1, 101, 101), process(2, 102, 103), process(3, 103, 102)])).toEqual(["1"]);
});
