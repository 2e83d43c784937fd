import { afterAll, beforeAll, expect, test } from "vitest";
import { type Caller, openStage, type Stage } from "../test-stage.ts";
import { MAX_STORED_BYTES, MAX_VERSIONS, PAUSE_MS } from "./playground-version.ts";

let stage: Stage;
let caller: Caller;

beforeAll(async () => {
  stage = await openStage();
  caller = stage.as(await stage.enter());
});
afterAll(() => stage?.close());

const create = async () => (await caller.playground.create({})).id;
const save = (id: string, path: string, content: string) => caller.playground.saveFile({ id, path, content });
const textOf = async (id: string, path: string) => (await caller.playground.readText({ id, path })).content;
/** As if nobody had touched it for a while. */
const pause = (id: string) =>
  stage.database.playground.update({
    where: { id },
    data: { savedAt: new Date(Date.now() - PAUSE_MS - 1) },
  });

test("the first state is kept, then one after each pause, and what is typed in between is not", async () => {
  const id = await create();
  await save(id, "app.js", "1");
  await save(id, "app.js", "2");
  await pause(id);
  await save(id, "app.js", "3");
  await save(id, "app.js", "4");
  const versions = await caller.playground.versions({ id });
  expect(versions.map(({ number, cause }) => [number, cause])).toEqual([
    [2, "pause"],
    [1, "pause"],
  ]);
  expect((await caller.playground.readVersion({ id, number: 2, path: "app.js" })).content).toBe("2");
  expect((await caller.playground.readVersion({ id, number: 1, path: "app.js" })).content).toContain("http");
});

test("a restore brings the files back, and what was there is a version itself", async () => {
  const id = await create();
  await save(id, "app.js", "mine");
  await save(id, "dir/new", "new");
  expect(await caller.playground.differences({ id, number: 1 })).toMatchObject([
    { path: "app.js", change: "changed" },
    { path: "dir", change: "added" },
    { path: "dir/new", change: "added" },
  ]);
  await caller.playground.restore({ id, number: 1 });
  expect((await caller.playground.get({ id })).files.map(({ path }) => path)).toEqual([
    "Dockerfile",
    "app.js",
  ]);
  const [newest] = await caller.playground.versions({ id });
  expect(newest).toMatchObject({ cause: "restore", fileCount: 3 });
  await caller.playground.restore({ id, number: newest?.number ?? 0 });
  expect(await textOf(id, "dir/new")).toBe("new");
});

test("what is deleted before any pause can be restored", async () => {
  const id = await create();
  await save(id, "precious", "typed just now");
  await caller.playground.remove({ id, path: "precious" });
  const [newest] = await caller.playground.versions({ id });
  await caller.playground.restore({ id, number: newest?.number ?? 0 });
  expect(await textOf(id, "precious")).toBe("typed just now");
});

test("a build's files are a version, once for the same files", async () => {
  const id = await create();
  await save(id, "app.js", "built");
  for (const _ of [1, 2]) {
    const { id: buildId } = await caller.build.start({ playgroundId: id });
    await caller.build.cancel({ buildId });
  }
  const causes = (await caller.playground.versions({ id })).map(({ cause }) => cause);
  expect(causes).toEqual(["build", "pause"]);
});

test("a name is given to the files as they are, also when they are a version already", async () => {
  const id = await create();
  await caller.playground.keepVersion({ id, name: "first" });
  await caller.playground.keepVersion({ id, name: "first, again" });
  expect(await caller.playground.versions({ id })).toMatchObject([{ cause: "asked", name: "first, again" }]);
});

test("of too many versions the oldest without a name go, with the contents that only they had", async () => {
  const id = await create();
  await caller.playground.keepVersion({ id, name: "kept" });
  await save(id, "app.js", "in version 2 alone");
  await pause(id);
  await save(id, "app.js", "in many");
  await pause(id);
  await save(id, "app.js", "last");
  await stage.database.$executeRaw`
    INSERT INTO playground_versions (playground_id, number, cause, created_at, file_count, byte_count, tree)
    SELECT playground_id, n, cause, created_at, file_count, byte_count, tree
    FROM playground_versions, generate_series(4, ${MAX_VERSIONS}::int) n WHERE playground_id = ${id} AND number = 3`;
  await pause(id);
  await save(id, "app.js", "one too many");
  const versions = await caller.playground.versions({ id });
  expect(versions.length).toBeLessThanOrEqual(MAX_VERSIONS);
  expect(versions[0]?.number).toBe(MAX_VERSIONS + 1);
  expect(versions.at(-1)).toMatchObject({ number: 1, name: "kept" });
  const blobs = await stage.database.playgroundBlob.findMany({ where: { playgroundId: id } });
  const stored = blobs.map(({ content }) => Buffer.from(content).toString());
  expect(stored).not.toContain("in version 2 alone");
  expect(stored).toContain("in many");
  expect(stored).toContain("last");
  await caller.playground.restore({ id, number: 1 });
  expect(await textOf(id, "app.js")).toContain("http");
});

test("versions never hold more than their limit, and the newest one is there all the same", async () => {
  const id = await create();
  for (const content of ["0", "1", "2", "3", "4"]) {
    await save(id, "large", content);
    await stage.database.playgroundBlob.updateMany({
      where: { playgroundId: id, content: Buffer.from(content) },
      data: { bytes: MAX_STORED_BYTES / 4 },
    });
    await pause(id);
  }
  await save(id, "other", "");
  const stored = await stage.database.playgroundBlob.aggregate({
    where: { playgroundId: id },
    _sum: { bytes: true },
  });
  expect(stored._sum.bytes).toBeLessThanOrEqual(MAX_STORED_BYTES);
  const [newest] = await caller.playground.versions({ id });
  expect(
    (await caller.playground.readVersion({ id, number: newest?.number ?? 0, path: "large" })).content,
  ).toBe("4");
});
