import type { WireError } from "@slipway/protocol";
import { describe, expect, test } from "vitest";
import { Drafts, RETRY_DELAY_MS, SAVE_DELAY_MS } from "./drafts.ts";

const wire: WireError = { code: "files-too-large", fault: "user", message: "", params: {} };

/** A server that keeps files, and a clock that the test moves. */
function yard() {
  const kept = new Map([
    ["app.js", "a"],
    ["Dockerfile", "FROM node"],
  ]);
  const saves: string[] = [];
  const timers: { ms: number; run: () => void }[] = [];
  const broken = { now: false };
  const drafts = new Drafts(
    [...kept].map(([path, content]) => ({ path, content })),
    {
      server: {
        save: async (path, content) => {
          if (broken.now) throw new Error("no");
          saves.push(`${path}=${content}`);
          kept.set(path, content);
        },
        remove: async (path) => kept.delete(path),
        rename: async (from, to) => {
          kept.set(to, kept.get(from) ?? "");
          kept.delete(from);
        },
      },
      wireErrorOf: () => wire,
      schedule: (ms, run) => {
        const timer = { ms, run };
        timers.push(timer);
        return () => timers.splice(timers.indexOf(timer), 1);
      },
    },
  );
  const tick = async () => {
    timers.shift()?.run();
    await new Promise((resolve) => setTimeout(resolve, 0));
  };
  return { kept, saves, timers, broken, drafts, tick };
}

test("files are sorted by path", () => {
  expect(
    yard()
      .drafts.snapshot()
      .files.map((file) => file.path),
  ).toEqual(["Dockerfile", "app.js"]);
});

test("typing is shown at once and saved once, SAVE_DELAY_MS after the first key", async () => {
  const { drafts, timers, saves, tick } = yard();
  drafts.edit("app.js", "ab");
  drafts.edit("app.js", "abc");
  expect(drafts.snapshot().save.state).toBe("unsaved");
  expect(timers.map((timer) => timer.ms)).toEqual([SAVE_DELAY_MS]);
  await tick();
  expect(saves).toEqual(["app.js=abc"]);
  expect(drafts.snapshot().save).toEqual({ state: "saved" });
});

test("what is typed while a save is under way is saved after it", async () => {
  const { drafts, saves, tick } = yard();
  drafts.edit("app.js", "1");
  const first = drafts.flush();
  drafts.edit("app.js", "2");
  await first;
  await tick();
  expect(saves.at(-1)).toBe("app.js=2");
  expect(drafts.snapshot().save.state).toBe("saved");
});

test("flush leaves nothing unsaved, so that a build sees what the person sees", async () => {
  const { drafts, kept } = yard();
  drafts.edit("app.js", "new");
  drafts.edit("Dockerfile", "FROM x");
  expect(await drafts.flush()).toBe(true);
  expect([...kept.values()].sort()).toEqual(["FROM x", "new"]);
});

test("a failed save says so, keeps the text, and is tried again", async () => {
  const { drafts, broken, timers, kept, tick } = yard();
  broken.now = true;
  drafts.edit("app.js", "new");
  expect(await drafts.flush()).toBe(false);
  expect(drafts.snapshot().save).toEqual({ state: "failed", error: wire });
  expect(drafts.isDirty).toBe(true);
  expect(timers.map((timer) => timer.ms)).toEqual([RETRY_DELAY_MS]);
  broken.now = false;
  await tick();
  expect(kept.get("app.js")).toBe("new");
  expect(drafts.snapshot().save.state).toBe("saved");
});

describe("files", () => {
  test("a new one is on the server when add resolves", async () => {
    const { drafts, kept } = yard();
    await drafts.add("README.md");
    expect(kept.get("README.md")).toBe("");
  });

  test("a renamed one takes its unsaved text along", async () => {
    const { drafts, kept } = yard();
    drafts.edit("app.js", "typed");
    await drafts.rename("app.js", "main.js");
    expect(kept.get("main.js")).toBe("typed");
    expect(drafts.snapshot().files.map((file) => file.path)).toEqual(["Dockerfile", "main.js"]);
  });

  test("a deleted one is not brought back by a save that was due", async () => {
    const { drafts, kept, tick } = yard();
    drafts.edit("app.js", "typed");
    await drafts.remove("app.js");
    await tick();
    expect(kept.has("app.js")).toBe(false);
  });
});
