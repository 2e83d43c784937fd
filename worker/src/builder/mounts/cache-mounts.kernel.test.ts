import { mkdtemp, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { LoopDisks } from "../../disk/loop-disks.ts";
import { type CacheKey, CacheMounts } from "./cache-mounts.ts";

const MIB = 1024 ** 2;
const LIMITS = { ownerBytes: 16 * MIB, totalBytes: 12 * MIB };

let directory: string;
let disks: LoopDisks;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-caches-"));
  disks = await LoopDisks.open(directory);
});
afterEach(async () => {
  for (const name of await disks.list()) await disks.remove(name);
  await rm(directory, { recursive: true });
});

const key = (id: string, owner = "one"): CacheKey => ({ owner, id, seed: "", mode: 0o755, uid: 0, gid: 0 });
const nothing = async () => {};
const filling = (bytes: number) => (name: string) =>
  writeFile(path.join(name, "data"), Buffer.alloc(bytes, 1));
const { signal } = new AbortController();

it("above the limit of all those disks go that were used longest ago, and none that is in use", async () => {
  const caches = new CacheMounts(disks, LIMITS);
  const held = await caches.use(key("a", "held"), "shared", filling(8 * MIB), signal);
  for (const owner of ["old", "new"]) {
    await (await caches.use(key("a", owner), "shared", filling(8 * MIB), signal)).release();
    await caches.settled();
  }
  expect(await disks.list()).toHaveLength(2);
  expect((await stat(path.join(held.directory, "data"))).size).toBe(8 * MIB);
  let filled = false;
  const note = async () => {
    filled = true;
  };
  const again = await caches.use(key("a", "new"), "shared", note, signal);
  expect(filled).toBe(false);
  await held.release();
  await again.release();
  await caches.settled();
});

it("however many caches an owner has, together they hold no more than its disk, and a crowded one is trimmed", async () => {
  const caches = new CacheMounts(disks, LIMITS);
  const first = await caches.use(key("1"), "shared", filling(6 * MIB), signal);
  const second = await caches.use(key("2"), "shared", filling(6 * MIB), signal);
  await expect(caches.use(key("3"), "shared", filling(6 * MIB), signal)).rejects.toMatchObject({
    code: "build-disk-full",
    params: { limit: LIMITS.ownerBytes, what: "cache" },
  });
  const look = second.look();
  await writeFile(path.join(second.directory, "more"), Buffer.alloc(16 * MIB, 1)).catch(() => undefined);
  expect(look.wasFull()).toBe(true);
  look.stop();
  await first.release();
  await second.release();
  await caches.settled();
  const again = await caches.use(key("4"), "shared", nothing, signal);
  const left = await readdir(path.dirname(path.dirname(again.directory)));
  expect(left.filter((name) => name !== "lost+found")).toHaveLength(1);
  await again.release();
  await caches.settled();
});

it("shared is the same directory, private one for each, another owner's another one", async () => {
  const caches = new CacheMounts(disks, LIMITS);
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
  const caches = new CacheMounts(disks, LIMITS);
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
  const caches = new CacheMounts(disks, LIMITS);
  const broken = async () => {
    throw new Error("no seed");
  };
  await expect(caches.use(key("s"), "shared", broken, signal)).rejects.toThrow("no seed");
  const use = await caches.use(key("s"), "shared", (name) => writeFile(path.join(name, "f"), "x"), signal);
  expect(await readdir(use.directory)).toEqual(["f"]);
  await use.release();
  await caches.settled();
});

it("is unmounted when nobody uses it, keeps its files, and is made anew after a power cut", async () => {
  const caches = new CacheMounts(disks, LIMITS);
  const contents = async () => {
    const use = await caches.use(key("k"), "shared", filling(1), signal);
    await writeFile(path.join(use.directory, "kept"), "x", { flag: "a" });
    const kept = await readFile(path.join(use.directory, "kept"), "utf8");
    await use.release();
    await caches.settled();
    return kept;
  };
  expect([await contents(), await contents()]).toEqual(["x", "xx"]);
  expect(await readFile("/proc/mounts", "utf8")).not.toContain(directory);
  const [name = ""] = await disks.list();
  expect(await disks.isTorn(name)).toBe(false);
  // What ext4 says on the disk of a file system that is mounted: kernel, filesystems/ext4/super.rst, s_state.
  const image = await open(path.join(directory, `images/${name}.img`), "r+");
  await image.write(new Uint8Array([0, 0]), 0, 2, 1024 + 0x3a);
  await image.close();
  expect(await disks.isTorn(name)).toBe(true);
  expect(await contents()).toBe("x");
});
