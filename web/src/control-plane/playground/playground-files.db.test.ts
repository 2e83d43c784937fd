import { playgroundIdSchema, wireErrorSchema } from "@slipway/protocol";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, openStage, type Stage } from "../test-stage.ts";
import { MAX_FILE_BYTES, MAX_PLAYGROUND_FILES, MAX_TEXT_BYTES } from "./limits.ts";

let stage: Stage;
let caller: Caller;

beforeAll(async () => {
  stage = await openStage();
  caller = stage.as(await stage.enter());
});
afterAll(() => stage?.close());

const create = async () => (await caller.playground.create({})).id;
const pathsOf = async (id: string) => (await caller.playground.get({ id })).files.map(({ path }) => path);
const textOf = async (id: string, path: string) => (await caller.playground.readText({ id, path })).content;
const digestOf = async (id: string, path: string) =>
  (await caller.playground.get({ id })).files.find((file) => file.path === path)?.digest ?? null;

async function codeOf(work: Promise<unknown>): Promise<string> {
  const thrown = await work.then(
    () => null,
    (error: { cause?: { toWire?: () => unknown } }) => error.cause?.toWire?.(),
  );
  return thrown == null ? "answered" : wireErrorSchema.parse(thrown).code;
}
const blobs = (playgroundId: string) => stage.database.playgroundBlob.count({ where: { playgroundId } });

describe("a list of files", () => {
  test("has no contents but those of Dockerfile and .dockerignore", async () => {
    const id = await create();
    await caller.playground.saveFile({ id, path: ".dockerignore", content: "*.log\n" });
    const view = await caller.playground.get({ id });
    expect(JSON.stringify(view.files)).not.toContain("createServer");
    expect(view.texts.map(({ path }) => path).sort()).toEqual([".dockerignore", "Dockerfile"]);
    expect(view.files.find(({ path }) => path === "app.js")).toMatchObject({ isText: true });
  });
});

describe("folders", () => {
  test("come with the files in them and stay when these go", async () => {
    const id = await create();
    await caller.playground.saveFile({ id, path: "src/lib/a.js", content: "a" });
    expect(await pathsOf(id)).toEqual(["Dockerfile", "app.js", "src", "src/lib", "src/lib/a.js"]);
    await caller.playground.remove({ id, path: "src/lib/a.js" });
    expect(await pathsOf(id)).toEqual(["Dockerfile", "app.js", "src", "src/lib"]);
    await caller.playground.remove({ id, path: "src" });
    expect(await pathsOf(id)).toEqual(["Dockerfile", "app.js"]);
  });

  test("move with all in them, also names that hold characters of patterns and of two code units", async () => {
    const id = await create();
    await caller.playground.saveFile({ id, path: "🐳%_/in/a.txt", content: "a" });
    await caller.playground.saveFile({ id, path: "🐳%_b", content: "beside" });
    await caller.playground.move({ id, from: "🐳%_", to: "deep/er" });
    expect(await pathsOf(id)).toEqual([
      "Dockerfile",
      "app.js",
      "deep",
      "deep/er",
      "deep/er/in",
      "deep/er/in/a.txt",
      "🐳%_b",
    ]);
  });

  test.each([
    ["into itself", "dir", "dir/inside"],
    ["onto a file", "dir", "Dockerfile"],
    ["below a file", "dir", "Dockerfile/x"],
    ["out of the playground", "dir", "../x"],
    ["from nowhere", "absent", "x"],
  ])("don't move %s", async (_, from, to) => {
    const id = await create();
    await caller.playground.createFolder({ id, path: "dir" });
    expect(await codeOf(caller.playground.move({ id, from, to }))).toBe("file-name-invalid");
    expect(await pathsOf(id)).toEqual(["Dockerfile", "app.js", "dir"]);
  });

  test("are no files, and files no folders", async () => {
    const id = await create();
    await caller.playground.createFolder({ id, path: "dir" });
    const save = (path: string) => codeOf(caller.playground.saveFile({ id, path, content: "" }));
    expect(await save("dir")).toBe("file-name-invalid");
    expect(await save("app.js/below")).toBe("file-name-invalid");
  });
});

describe("two writers", () => {
  test("never overwrite each other unseen: the later one is told what is there", async () => {
    const id = await create();
    const base = await digestOf(id, "app.js");
    const first = await caller.playground.saveFile({ id, path: "app.js", content: "one", base });
    expect(first.outcome).toBe("saved");
    const second = await caller.playground.saveFile({ id, path: "app.js", content: "two", base });
    expect(second).toMatchObject({ outcome: "conflict", theirs: { kind: "file", content: "one" } });
    expect(await textOf(id, "app.js")).toBe("one");
  });

  test("may write the same", async () => {
    const id = await create();
    const base = await digestOf(id, "app.js");
    for (const _ of [1, 2]) {
      const saved = await caller.playground.saveFile({ id, path: "app.js", content: "same", base });
      expect(saved.outcome).toBe("saved");
    }
  });

  test("hear of a file that is gone, and of one that is there already", async () => {
    const id = await create();
    const base = await digestOf(id, "app.js");
    await caller.playground.remove({ id, path: "app.js" });
    expect(await caller.playground.saveFile({ id, path: "app.js", content: "x", base })).toMatchObject({
      outcome: "conflict",
      theirs: { kind: "gone" },
    });
    expect(
      await caller.playground.saveFile({ id, path: "Dockerfile", content: "x", base: null }),
    ).toMatchObject({ outcome: "conflict", theirs: { kind: "file" } });
  });

  test("at the same moment: one writes, all others are told", async () => {
    const id = await create();
    const base = await digestOf(id, "app.js");
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, n) =>
        caller.playground.saveFile({ id, path: "app.js", content: `writer ${n}`, base }),
      ),
    );
    expect(outcomes.filter(({ outcome }) => outcome === "saved")).toHaveLength(1);
  });

  test("see each other's changes in a watch", async () => {
    const id = await create();
    const call = new AbortController();
    const { playgrounds } = stage.controlPlane.services;
    const news = playgrounds.watch(playgroundIdSchema.parse(id), call.signal);
    const next = async () => {
      const { value } = await news.next();
      return value && { ...value, changed: value.changed.map(({ path }) => path) };
    };
    expect(await next()).toMatchObject({ whole: true, changed: ["Dockerfile", "app.js"], removed: [] });
    await caller.playground.saveFile({ id, path: "new/file", content: "x" });
    expect(await next()).toMatchObject({ whole: false, changed: ["new", "new/file"], removed: [] });
    await caller.playground.remove({ id, path: "app.js" });
    expect(await next()).toMatchObject({ changed: [], removed: ["app.js"] });
    call.abort();
  });
});

describe("bad input", () => {
  test.each(["../up", "/etc/passwd", "a\0b", "a\\b", "x".repeat(256), ""])(
    "the name %j is refused",
    async (path) => {
      const id = await create();
      const save = caller.playground.saveFile({ id, path, content: "" });
      expect(await codeOf(save)).toBe("file-name-invalid");
    },
  );

  test("50 MB of text are refused by the limit's name, and nothing is written", async () => {
    const id = await create();
    const content = "x".repeat(50_000_000);
    expect(await codeOf(caller.playground.saveFile({ id, path: "app.js", content }))).toBe("files-too-large");
    expect(await codeOf(caller.playground.saveFile({ id, path: "a", content: "\0" }))).toBe(
      "request-invalid",
    );
    expect(await pathsOf(id)).toEqual(["Dockerfile", "app.js"]);
    expect(MAX_TEXT_BYTES).toBeLessThan(content.length);
  });

  test("an import that breaks a rule anywhere changes nothing", async () => {
    const id = await create();
    const { playgrounds } = stage.controlPlane.services;
    const file = (path: string, bytes = 1) => ({
      path,
      content: new Uint8Array(bytes),
      executable: false,
    });
    const many = Array.from({ length: MAX_PLAYGROUND_FILES }, (_, n) => file(`f${n}`));
    for (const files of [
      [file("ok"), file("../x")],
      [file("ok"), file("ok/below")],
      [file("ok/below"), file("ok")],
      [file("ok"), file("big", MAX_FILE_BYTES + 1)],
      many,
      Array.from({ length: 5 }, (_, n) => file(`big${n}`, MAX_FILE_BYTES)),
    ]) {
      const code = await playgrounds.importFiles(playgroundIdSchema.parse(id), files).then(
        () => "imported",
        (error: { code: string }) => error.code,
      );
      expect(code).toMatch(/^(file-name-invalid|files-too-large)$/);
    }
    expect(await pathsOf(id)).toEqual(["Dockerfile", "app.js"]);
  });
});

test("contents that nothing needs any more are not kept", async () => {
  const id = await create();
  await caller.playground.saveFile({ id, path: "a", content: "0" });
  const before = await blobs(id);
  for (let n = 1; n <= 20; n += 1) await caller.playground.saveFile({ id, path: "a", content: String(n) });
  expect(await blobs(id)).toBe(before);
});

test("a fork has the files and none of the history, and goes its own way", async () => {
  const id = await create();
  await caller.playground.saveFile({ id, path: "app.js", content: "forked" });
  const { id: fork } = await caller.playground.fork({ id });
  await caller.playground.saveFile({ id, path: "app.js", content: "later" });
  expect(await textOf(fork, "app.js")).toBe("forked");
  expect(await caller.playground.versions({ id: fork })).toEqual([]);
});

test("a playground is found by its name and by the paths of its files, and patterns stand for themselves", async () => {
  const own = stage.as(await stage.enter());
  const { id } = await own.playground.create({});
  await own.playground.rename({ id, name: "50% \u202e of\nit" });
  await own.playground.create({});
  const found = async (search: string) => (await own.playground.list({ search })).map(({ name }) => name);
  expect(await found("50%")).toEqual(["50%   of it"]);
  expect(await found("%x%")).toEqual([]);
  expect(await found("APP.js")).toHaveLength(2);
  expect(await own.playground.list()).toHaveLength(2);
  expect((await own.playground.list())[1]).toMatchObject({ fileCount: 2, live: false });
});

test("a playground goes with all that is its own, but never while a build of it is under way", async () => {
  const id = await create();
  const { id: buildId } = await caller.build.start({ playgroundId: id });
  expect(await codeOf(caller.playground.delete({ id }))).toBe("playground-in-use");
  await caller.build.cancel({ buildId });
  await caller.playground.delete({ id });
  expect(await codeOf(caller.playground.get({ id }))).toBe("playground-missing");
  expect(await blobs(id)).toBe(0);
});
