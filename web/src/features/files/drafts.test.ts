import type { WireError } from "@slipway/protocol";
import { describe, expect, test } from "vitest";
import type { ListedFile, SaveAnswer } from "./draft.ts";
import { Drafts, RETRY_DELAY_MS, SAVE_DELAY_MS } from "./drafts.ts";
import type { KeptEdit } from "./kept-edits.ts";
import { mergeTexts } from "./merge-texts.ts";

const wire: WireError = { code: "internal", fault: "platform", message: "", params: {} };
const OFFLINE = new Error("no connection");

/** A server that keeps files under their content as digest, as another page sees it too. */
class PlayedServer {
  readonly files = new Map([
    ["app.js", "a\nb\nc\n"],
    ["Dockerfile", "FROM node\n"],
  ]);
  readonly saves: string[] = [];
  readonly replaced: string[] = [];
  broken: Error | null = null;

  list(): ListedFile[] {
    return [...this.files].map(([path, text]) => ({ path, digest: text, bytes: text.length, isText: true }));
  }
  check(): void {
    if (this.broken) throw this.broken;
  }
  async save(path: string, content: string, base: string | null, keep: boolean): Promise<SaveAnswer> {
    this.check();
    const there = this.files.get(path);
    if ((there ?? null) !== base && there !== content) {
      const theirs =
        there === undefined
          ? ({ kind: "gone" } as const)
          : ({ kind: "file", digest: there, content: there } as const);
      return { outcome: "conflict", theirs };
    }
    if (keep && there !== undefined) this.replaced.push(there);
    this.saves.push(`${path}=${content}`);
    this.files.set(path, content);
    return { outcome: "saved", digest: content };
  }
  async read(path: string) {
    this.check();
    const content = this.files.get(path) ?? "";
    return { digest: content, content };
  }
  async createFolder(): Promise<void> {
    this.check();
  }
  async remove(path: string): Promise<void> {
    this.check();
    this.files.delete(path);
  }
  async move(from: string, to: string): Promise<void> {
    this.check();
    for (const [path, content] of [...this.files]) {
      if (path !== from && !path.startsWith(`${from}/`)) continue;
      this.files.delete(path);
      this.files.set(to + path.slice(from.length), content);
    }
  }
}

/** A page: drafts, a clock that the test moves, and what the browser keeps. */
function openPage(server: PlayedServer, browser = new Map<string, KeptEdit>()) {
  const timers: { ms: number; run: () => void }[] = [];
  const texts = [...server.files].map(([path, content]) => ({ path, digest: content, content }));
  const drafts = new Drafts(server.list(), texts, {
    server,
    kept: {
      keep: async (edit) => void browser.set(edit.path, edit),
      forget: async (path) => void browser.delete(path),
      adopt: async () => [...browser.values()],
    },
    merge: async () => mergeTexts,
    wireErrorOf: () => wire,
    isUnreachable: (thrown) => thrown === OFFLINE,
    textBytes: 1000,
    schedule: (ms, run) => {
      const timer = { ms, run };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
  });
  const tick = async () => {
    timers.shift()?.run();
    await drafts.take({ whole: false, changed: [], removed: [] });
  };
  const textOf = (path: string) => drafts.snapshot().files.find((file) => file.path === path)?.content;
  const stateOf = () => drafts.snapshot().save.state;
  return { drafts, timers, tick, browser, textOf, stateOf };
}

/** A server and one page. */
function open() {
  const server = new PlayedServer();
  return { server, ...openPage(server) };
}

describe("saving", () => {
  test("typing is shown at once and saved once, SAVE_DELAY_MS after the first key", async () => {
    const { server, drafts, timers, tick, stateOf } = open();
    drafts.edit("app.js", "ab");
    drafts.edit("app.js", "abc");
    expect(stateOf()).toBe("unsaved");
    expect(timers.map(({ ms }) => ms)).toEqual([SAVE_DELAY_MS]);
    expect(SAVE_DELAY_MS).toBeLessThan(1000);
    await tick();
    expect(server.saves).toEqual(["app.js=abc"]);
    expect(stateOf()).toBe("saved");
  });

  test("what is typed while a save is under way is saved after it", async () => {
    const { server, drafts, tick, stateOf } = open();
    drafts.edit("app.js", "1");
    const first = drafts.flush();
    drafts.edit("app.js", "2");
    await first;
    await tick();
    await drafts.flush();
    expect(server.files.get("app.js")).toBe("2");
    expect(stateOf()).toBe("saved");
  });

  test("flush leaves nothing unsaved, so that a build sees what the person sees", async () => {
    const { server, drafts } = open();
    drafts.edit("app.js", "new");
    drafts.edit("Dockerfile", "FROM x");
    expect(await drafts.flush()).toBe(true);
    expect([...server.files.values()].sort()).toEqual(["FROM x", "new"]);
  });

  test("a text that is too long is not even sent, and says so", async () => {
    const { server, drafts, stateOf, timers } = open();
    drafts.edit("app.js", "x".repeat(50_000_000));
    expect(await drafts.flush()).toBe(false);
    expect(stateOf()).toBe("failed");
    expect(server.saves).toEqual([]);
    drafts.edit("app.js", "shorter");
    timers.at(-1)?.run();
    expect(await drafts.flush()).toBe(true);
  });
});

describe("without a connection", () => {
  test("edits are kept in the browser, tried again, and saved when it is back", async () => {
    const { server, drafts, timers, browser, tick, stateOf } = open();
    server.broken = OFFLINE;
    drafts.edit("app.js", "typed offline");
    expect(await drafts.flush()).toBe(false);
    expect(drafts.snapshot().save).toEqual({ state: "offline", kept: true });
    expect(browser.get("app.js")?.content).toBe("typed offline");
    expect(timers.map(({ ms }) => ms)).toContain(RETRY_DELAY_MS);
    server.broken = null;
    await tick();
    await drafts.flush();
    expect(server.files.get("app.js")).toBe("typed offline");
    expect(stateOf()).toBe("saved");
    expect(browser.size).toBe(0);
  });

  test("what a page that is gone left is saved by the next, merged with what happened meanwhile", async () => {
    const { server, drafts, browser } = open();
    server.broken = OFFLINE;
    drafts.edit("app.js", "a\nb\nc, offline\n");
    await drafts.flush();
    server.broken = null;
    server.files.set("app.js", "a, elsewhere\nb\nc\n");
    const next = openPage(server, browser);
    await next.drafts.adopt();
    expect(next.textOf("app.js")).toBe("a, elsewhere\nb\nc, offline\n");
    expect(server.files.get("app.js")).toBe("a, elsewhere\nb\nc, offline\n");
    expect(browser.size).toBe(0);
  });

  test("a file that was deleted elsewhere comes back with the text that was typed", async () => {
    const { server, drafts } = open();
    drafts.edit("app.js", "typed");
    server.files.delete("app.js");
    await drafts.take({ whole: false, changed: [], removed: ["app.js"] });
    await drafts.flush();
    expect(server.files.get("app.js")).toBe("typed");
  });
});

describe("two pages with one file", () => {
  test("follow each other, and tell the editor that the text came from outside", async () => {
    const server = new PlayedServer();
    const [one, other] = [openPage(server), openPage(server)];
    one.drafts.edit("app.js", "from one\n");
    await one.drafts.flush();
    await other.drafts.take({ whole: false, changed: server.list(), removed: [] });
    const file = other.drafts.snapshot().files.find(({ path }) => path === "app.js");
    expect(file).toMatchObject({ content: "from one\n", outside: 1 });
  });

  test("merge what was typed in different lines", async () => {
    const server = new PlayedServer();
    const [one, other] = [openPage(server), openPage(server)];
    one.drafts.edit("app.js", "a1\nb\nc\n");
    other.drafts.edit("app.js", "a\nb\nc2\n");
    await Promise.all([one.drafts.flush(), other.drafts.flush()]);
    expect(server.files.get("app.js")).toBe("a1\nb\nc2\n");
  });

  async function inConflict() {
    const server = new PlayedServer();
    const [one, other] = [openPage(server), openPage(server)];
    one.drafts.edit("app.js", "a\nmine\nc\n");
    other.drafts.edit("app.js", "a\ntheirs\nc\n");
    await other.drafts.flush();
    await one.drafts.flush();
    return { server, ...one };
  }

  test("are told of a conflict, and nothing is overwritten", async () => {
    const { server, drafts, textOf, browser } = await inConflict();
    expect(drafts.snapshot().save).toEqual({ state: "conflict", path: "app.js" });
    expect(textOf("app.js")).toBe("a\nmine\nc\n");
    expect(server.files.get("app.js")).toBe("a\ntheirs\nc\n");
    expect(browser.get("app.js")?.content).toBe("a\nmine\nc\n");
    expect(drafts.snapshot().files.find(({ path }) => path === "app.js")?.conflict?.marked).toBe(
      "a\n<<<<<<< yours\nmine\n=======\ntheirs\n>>>>>>> theirs\nc\n",
    );
  });

  test.each([
    ["mine", "a\nmine\nc\n", ["a\ntheirs\nc\n"]],
    ["theirs", "a\ntheirs\nc\n", ["a\ntheirs\nc\n", "a\nmine\nc\n"]],
    ["both", "a\n<<<<<<< yours\nmine\n=======\ntheirs\n>>>>>>> theirs\nc\n", ["a\ntheirs\nc\n"]],
  ] as const)("end it by %s, and the history has what was replaced", async (choice, text, history) => {
    const { server, drafts, stateOf, textOf } = await inConflict();
    await drafts.resolve("app.js", choice);
    expect(server.files.get("app.js")).toBe(text);
    expect(textOf("app.js")).toBe(text);
    expect(server.replaced).toEqual(history);
    expect(stateOf()).toBe("saved");
  });
});

describe("files", () => {
  const pathsOf = ({ drafts }: { readonly drafts: Drafts }) =>
    drafts.snapshot().files.map(({ path }) => path);

  test("are sorted by path", () => {
    expect(pathsOf(open())).toEqual(["Dockerfile", "app.js"]);
  });

  test("a new one is on the server when add resolves", async () => {
    const { drafts, server } = open();
    await drafts.add("README.md");
    expect(server.files.get("README.md")).toBe("");
  });

  test("one that moves takes its unsaved text along, and a folder all that is in it", async () => {
    const page = open();
    await page.drafts.addFolder("src");
    await page.drafts.add("src/a");
    page.drafts.edit("src/a", "typed");
    await page.drafts.move("src", "lib");
    expect(pathsOf(page)).toEqual(["Dockerfile", "app.js", "lib", "lib/a"]);
    expect(page.textOf("lib/a")).toBe("typed");
    expect(page.server.files.get("src/a")).toBeUndefined();
  });

  test("one that is deleted is not brought back by a save that was due", async () => {
    const { drafts, server, tick } = open();
    drafts.edit("app.js", "typed");
    await drafts.remove("app.js");
    await tick();
    expect(server.files.has("app.js")).toBe(false);
  });

  test("what could not be deleted is still there", async () => {
    const page = open();
    page.server.broken = OFFLINE;
    await page.drafts.remove("app.js");
    expect(pathsOf(page)).toContain("app.js");
    expect(page.stateOf()).toBe("offline");
  });

  test("what went away while the page heard nothing is gone, but for what is not saved", async () => {
    const page = open();
    page.drafts.edit("app.js", "typed");
    await page.drafts.take({ whole: true, changed: [], removed: [] });
    expect(pathsOf(page)).toEqual(["app.js"]);
  });
});
