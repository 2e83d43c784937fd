import { expect, test } from "vitest";
import type { SessionView } from "../../rpc/client.ts";
import { areFilesKept } from "./kept-files.ts";

const view = (state: SessionView["state"], filesKeptUntil: number | null) =>
  ({ state, filesKeptUntil }) as SessionView;

test("what a session wrote can be had while it runs, and then until its time is up", () => {
  expect(areFilesKept(view("running", null), 10)).toBe(true);
  expect(areFilesKept(view("ended", 11), 10)).toBe(true);
  expect(areFilesKept(view("ended", 10), 10)).toBe(false);
  expect(areFilesKept(view("ended", null), 10)).toBe(false);
  expect(areFilesKept(view("starting", null), 10)).toBe(false);
});
