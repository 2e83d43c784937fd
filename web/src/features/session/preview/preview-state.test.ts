import { expect, test } from "vitest";
import { FIRST_STATE, type PreviewEvent, pathOf, previewAfter } from "./preview-state.ts";

const after = (...events: readonly PreviewEvent[]) => events.reduce(previewAfter, FIRST_STATE);
const address = (wish: number) => ({ kind: "address", wish, url: `http://preview/${wish}` }) as const;
const lost = (now: number) => ({ kind: "told", problem: { code: "ticket-expired" }, now }) as const;
const LOADED = { kind: "loaded" } as const;

test("a preview is asked for, loads and is shown", () => {
  expect(after(address(1))).toMatchObject({ kind: "loading", url: "http://preview/1" });
  expect(after(address(1), LOADED)).toMatchObject({ kind: "shown", url: "http://preview/1" });
});

test("an answer to an earlier wish changes nothing", () => {
  const again = after({ kind: "ask" });
  expect(previewAfter(again, address(1))).toBe(again);
  expect(previewAfter(again, address(2))).toMatchObject({ kind: "loading" });
});

test.each([
  [{ code: "port-unreachable", port: 8080, reason: "silent" }, "silent"],
  [{ code: "frame-refused" }, "frame-refused"],
  [{ code: "rate-limited" }, "rate-limited"],
  [{ code: "forbidden" }, "other"],
] as const)("what the gateway says in the frame stays when its page has loaded: %j", (problem, failure) => {
  const state = after(address(1), { kind: "told", problem, now: 0 }, LOADED);
  expect(state).toMatchObject({ kind: "failed", failure });
});

test("a ticket that is over is renewed by itself, but not as often as a page may wish", () => {
  const renewed = after(address(1), LOADED, lost(1_000));
  expect(renewed).toMatchObject({ kind: "asking", wish: 2 });
  const again = [address(2), LOADED, lost(2_000)].reduce(previewAfter, renewed);
  expect(again).toMatchObject({ kind: "failed", failure: "no-cookies" });
  const later = [address(2), LOADED, lost(60_000)].reduce(previewAfter, renewed);
  expect(later).toMatchObject({ kind: "asking", wish: 3 });
});

test("a browser that keeps no ticket in a frame is not asked in a circle", () => {
  expect(after(address(1), lost(0))).toMatchObject({ kind: "failed", failure: "no-cookies" });
});

test("a page that says something after it has failed, or while a new one is asked for, changes nothing", () => {
  const asking = after(address(1), LOADED, { kind: "ask" });
  expect(previewAfter(asking, lost(0))).toBe(asking);
});

test("what is typed is a path of the port", () => {
  expect(pathOf(" status?a=b ")).toBe("/status?a=b");
  expect(pathOf("/a/b")).toBe("/a/b");
  expect(pathOf("")).toBe("/");
});
