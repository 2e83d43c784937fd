import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type CacheKey, CacheMounts } from "./cache-mounts.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-caches-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

const key = (id: string, owner = "one"): CacheKey => ({ owner, id, seed: "", mode: 0o755, uid: 0, gid: 0 });
const nothing = async () => {};
const { signal } = new AbortController();

it("above the limit those go that were used longest ago, and none that is in use", async () => {
  const caches = new CacheMounts(directory, 2.5 * 1024 * 1024);
  const fill = (name: string) => writeFile(path.join(name, "data"), Buffer.alloc(1024 * 1024, 1));
  const held = await caches.use(key("held"), "shared", fill, signal);
  for (const id of ["old", "new"]) await (await caches.use(key(id), "shared", fill, signal)).release();
  await caches.settled();
  expect(await readdir(directory)).toHaveLength(2);
  expect((await stat(path.join(held.directory, "data"))).size).toBe(1024 * 1024);
  let filled = false;
  const note = async () => {
    filled = true;
  };
  const again = await caches.use(key("new"), "shared", note, signal);
  expect(filled).toBe(false);
  await held.release();
  await again.release();
  await caches.settled();
});

it("shared is the same directory, private one for each, another owner's another one", async () => {
  const caches = new CacheMounts(directory);
  const use = (id: CacheKey, sharing: "shared" | "private") => caches.use(id, sharing, nothing, signal);
  const uses = [
    await use(key("a"), "shared"),
    await use(key("a"), "shared"),
    await use(key("a"), "private"),
    await use(key("a", "two"), "shared"),
  ];
  const [first, second, own, other] = uses.map((each) => each.directory);
  expect(second).toBe(first);
  expect(new Set([first, own, other]).size).toBe(3);
  for (const each of uses) await each.release();
  // Free again: the private one takes what is there.
  const later = await use(key("a"), "private");
  expect(later.directory).toBe(first);
  await later.release();
  await caches.settled();
});

it("locked is there for one at a time, in the order of asking, and who gives up does not hold up the rest", async () => {
  const caches = new CacheMounts(directory);
  const order: string[] = [];
  const first = await caches.use(key("l"), "locked", nothing, signal);
  const controller = new AbortController();
  const given = caches
    .use(key("l"), "locked", nothing, controller.signal)
    .catch((error: Error) => order.push(error.message));
  const third = caches.use(key("l"), "locked", nothing, signal).then(async (use) => {
    order.push("third");
    await use.release();
  });
  controller.abort(new Error("gave up"));
  await given;
  order.push("first");
  await first.release();
  await third;
  expect(order).toEqual(["gave up", "first", "third"]);
  await caches.settled();
});

it("a seed that fails leaves no cache, and the next one makes it", async () => {
  const caches = new CacheMounts(directory);
  const broken = async () => {
    throw new Error("no seed");
  };
  await expect(caches.use(key("s"), "shared", broken, signal)).rejects.toThrow("no seed");
  expect(await readdir(directory)).toEqual([]);
  const use = await caches.use(key("s"), "shared", (name) => writeFile(path.join(name, "f"), "x"), signal);
  expect(await readdir(use.directory)).toEqual(["f"]);
  await use.release();
  await caches.settled();
});
