import { execFileSync } from "node:child_process";
import { link, mkdtemp, readdir, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Digest } from "@slipway/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hexOf } from "../content/digest.ts";
import type { Collected, EvictableEntry, Image } from "./image-store.ts";
import { fileOf, imageOf, layerOf, type OpenedStore, openStore, tarOf } from "./store-fixture.ts";

/** Size of one layer's file; all else of a small image is far less. */
const KIB = 256;

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-collect-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const image = (opened: OpenedStore, ...names: string[]) =>
  imageOf(
    opened,
    names.map((name) => [fileOf(name, KIB)]),
  );

/** The store again as after a restart, with a limit that leaves room for so many layers, each a blob and a snapshot. */
async function restarted(layers: number): Promise<OpenedStore> {
  return await openStore(directory, { limitBytes: (layers + 0.5) * 2 * KIB * 1024 });
}

async function lastUsed(one: Image, hour: number): Promise<void> {
  const time = new Date(Date.UTC(2024, 0, 1, hour));
  await utimes(path.join(directory, "content/images", hexOf(one.digest)), time, time);
}

/** A cache in memory whose results are committed snapshots with their layers. */
function cacheOf(entries: EvictableEntry[]) {
  return {
    left: entries,
    async *entries() {
      yield* [...this.left];
    },
    async evict(key: string) {
      this.left = this.left.filter((entry) => entry.key !== key);
    },
  };
}

const isThere = async (opened: OpenedStore, one: Image) => (await opened.store.get(one.digest)) !== null;

describe("a collection", () => {
  it("removes what nothing reaches, and nothing else while there is room", async () => {
    const opened = await openStore(directory);
    const named = await image(opened, "a", "b");
    const unnamed = await image(opened, "a", "c");
    await opened.store.tag("named", named.digest);
    const stray = await layerOf(opened, tarOf([fileOf("stray", KIB)]));
    await opened.snapshotter.prepare("k", named.snapshot);
    await opened.snapshotter.commit("stray-snapshot", "k");
    const again = await openStore(directory);
    const collected = await again.store.collect();
    expect(collected).toMatchObject({ images: 0, blobs: 1, snapshots: 1 });
    expect(collected.freedBytes).toBeGreaterThanOrEqual(stray.sizeBytes);
    expect(await again.content.size(stray.digest)).toBeNull();
    expect([await isThere(again, named), await isThere(again, unnamed)]).toEqual([true, true]);
    expect(await again.store.collect()).toMatchObject({ blobs: 0, snapshots: 0, freedBytes: 0 });
  });

  it("over the limit, gives up unnamed images first, then caches, then images to be had again, then playgrounds'", async () => {
    const opened = await openStore(directory);
    const unnamed = await image(opened, "unnamed");
    const cached = await image(opened, "cached");
    const pulled = await image(opened, "pulled");
    const older = await image(opened, "older");
    const playground = await image(opened, "playground");
    const kept = await image(opened, "kept");
    await opened.store.tag("pulled", pulled.digest);
    await opened.store.tag("older", older.digest);
    await opened.store.tag("slipway/p1:latest", playground.digest);
    await opened.store.tag("kept", kept.digest, { keep: true });
    for (const [hour, one] of [unnamed, pulled, older, playground, kept].entries())
      await lastUsed(one, 20 - hour);
    // The cached result is no image.
    await rm(path.join(directory, "content/images", hexOf(cached.digest)));
    const entry = {
      key: "step",
      snapshot: cached.snapshot,
      blob: cached.layers[0]?.digest ?? null,
      lastUsedMs: 5,
    };
    const seen: string[][] = [];
    for (const room of [6, 5, 4, 3, 2, 1]) {
      const again = await restarted(room);
      const cache = cacheOf([entry]);
      again.store.offer(cache);
      await again.store.collect();
      const left = Object.entries({ unnamed, pulled, older, playground, kept });
      const there = [];
      // Read from the disk: a look through the store would be a use.
      const blobs = await readdir(path.join(directory, "content/blobs/sha256"));
      for (const [name, one] of left) if (blobs.includes(hexOf(one.digest))) there.push(name);
      if (await again.snapshotter.has(cached.snapshot ?? "")) there.push("cached");
      expect(cache.left).toHaveLength(there.includes("cached") ? 1 : 0);
      seen.push(there);
    }
    expect(seen).toEqual([
      ["unnamed", "pulled", "older", "playground", "kept", "cached"],
      ["pulled", "older", "playground", "kept", "cached"],
      ["pulled", "older", "playground", "kept"],
      // "older" was used before "pulled".
      ["pulled", "playground", "kept"],
      ["playground", "kept"],
      ["kept"],
    ]);
    const again = await restarted(0);
    await expect(again.store.collect()).rejects.toMatchObject({ code: "store-full" });
    expect(await again.store.list()).toEqual(["docker.io/library/kept:latest"]);
    expect(await isThere(again, kept)).toBe(true);
  });

  it("keeps layers that another image shares", async () => {
    const opened = await openStore(directory);
    const first = await image(opened, "base", "one");
    const second = await image(opened, "base", "two");
    await opened.store.tag("first", first.digest);
    await opened.store.tag("second", second.digest);
    await lastUsed(first, 1);
    await lastUsed(second, 2);
    const again = await restarted(2);
    expect(await again.store.collect()).toMatchObject({ images: 1, snapshots: 1 });
    expect((await again.store.resolve("second"))?.digest).toBe(second.digest);
    expect(await again.snapshotter.layers(second.snapshot ?? "")).toHaveLength(2);
    expect(await again.store.resolve("first")).toBeNull();
  });

  it("empties caches from the top: a step goes before the one that it stands on", async () => {
    const opened = await openStore(directory);
    const steps = await image(opened, "step-1", "step-2", "step-3");
    await rm(path.join(directory, "content/images", hexOf(steps.digest)));
    const names: string[] = [];
    for (const { name } of await opened.snapshotter.list()) names.push(name);
    const again = await restarted(1);
    // The lower a step, the longer ago it was looked up, as in every build.
    const cache = cacheOf(
      names.map((snapshot, index) => ({
        key: `${index + 1}`,
        snapshot,
        blob: steps.layers[index]?.digest ?? null,
        lastUsedMs: index,
      })),
    );
    again.store.offer(cache);
    await again.store.collect();
    expect(cache.left.map(({ key }) => key)).toEqual(["1"]);
    expect((await again.snapshotter.list()).map(({ name }) => name)).toEqual(names.slice(0, 1));
  });

  it("leaves alone what leases hold, and says store-full when that is too much", async () => {
    const opened = await openStore(directory);
    const used = await image(opened, "used", "top");
    const blob = await layerOf(opened, tarOf([fileOf("blob", KIB)]));
    const again = await restarted(1);
    const lease = again.store.lease("held");
    lease.hold(used.digest);
    lease.hold(blob.digest);
    await expect(again.store.collect()).rejects.toMatchObject({
      code: "store-full",
      params: { limitBytes: 1.5 * 2 * KIB * 1024 },
    });
    await expect(again.store.checkRoom()).rejects.toMatchObject({ code: "store-full" });
    expect(await again.content.size(blob.digest)).not.toBeNull();
    lease.release();
    lease.release();
    const other = await restarted(1);
    const snapshotLease = other.store.lease("held");
    const lowest = (await other.snapshotter.list()).find(({ parent }) => parent === null);
    snapshotLease.hold(lowest?.name ?? "");
    expect(await other.store.collect()).toMatchObject({ images: 1, snapshots: 1 });
    expect(await other.snapshotter.list()).toHaveLength(1);
    await expect(other.store.checkRoom()).resolves.toBeUndefined();
  });

  it("has room again as soon as a lease has ended", async () => {
    const opened = await openStore(directory);
    const used = await image(opened, "used", "top");
    const again = await restarted(1);
    const lease = again.store.lease("held");
    lease.hold(used.digest);
    await expect(again.store.collect()).rejects.toMatchObject({ code: "store-full" });
    lease.release();
    await again.store.checkRoom();
    expect(await isThere(again, used)).toBe(false);
  });

  it("counts from last uses that a restart does not forget", async () => {
    const opened = await openStore(directory);
    const [first, second] = [await image(opened, "first"), await image(opened, "second")];
    for (const one of [first, second]) await lastUsed(one, 1);
    const middle = await openStore(directory);
    await middle.store.get(first.digest);
    const again = await restarted(1);
    await again.store.collect();
    expect([await isThere(again, first), await isThere(again, second)]).toEqual([true, false]);
  });

  it("measures blocks on the disk, and files with several names once", async () => {
    const opened = await openStore(directory);
    const one = await imageOf(opened, [
      [fileOf("a", KIB), { path: "b", type: "link", linkTarget: "a" }, { path: "c", content: "x" }],
    ]);
    const [layer = ""] = await opened.snapshotter.layers(one.snapshot ?? "");
    await link(path.join(layer, "a"), path.join(layer, "d"));
    const { usedBytes } = await opened.store.collect();
    const measured = execFileSync("du", [
      "-sc",
      "--block-size=1",
      layer,
      path.join(directory, "content/blobs"),
    ]);
    const total = Number(measured.toString().trim().split("\n").at(-1)?.split("\t")[0]);
    expect(Math.abs(usedBytes - total)).toBeLessThanOrEqual(3 * 4096);
    expect(usedBytes).toBeGreaterThan(2 * KIB * 1024);
    expect(usedBytes).toBeLessThan(2.2 * KIB * 1024);
  });

  it("removes the lists of layers together with the layers", async () => {
    const opened = await openStore(directory);
    const one = await image(opened, "a");
    await opened.store.view.layers(one);
    expect((await readdir(path.join(directory, "content/layer-view"))).length).toBe(3);
    const again = await restarted(0);
    await again.store.collect();
    expect(await readdir(path.join(directory, "content/layer-view"))).toEqual(["half"]);
  });

  it("takes nothing from work that goes on beside it, whatever the order", async () => {
    const opened = await openStore(directory, { limitBytes: 1 });
    const { store, content } = opened;
    let isOver = false;
    const results: (Collected | "full")[] = [];
    const collecting = (async () => {
      while (!isOver) {
        results.push(await store.collect().catch(() => "full" as const));
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
    const lastOf = new Map<string, Digest>();
    const worker = async (name: string) => {
      for (let round = 0; round < 12; round += 1) {
        const lease = store.lease();
        try {
          // A layer that all share, one that two rounds share, and one of its own.
          const shared = [
            fileOf("shared", 1),
            fileOf(`${name}-${round >> 1}`, 1),
            fileOf(`${name}-${round}`, 1),
          ];
          const made = await imageOf(
            opened,
            shared.map((file) => [file]),
          );
          await store.tag(`${name}:latest`, made.digest);
          const found = await store.resolve(name);
          expect(found?.digest).toBe(made.digest);
          for (const layer of found?.layers ?? []) await content.bytes(layer.digest, 1e6);
          expect(await opened.snapshotter.layers(found?.snapshot ?? "")).toHaveLength(3);
          expect(await store.readFile(made, 2, "shared", 2000)).toHaveLength(1024);
          lastOf.set(name, made.digest);
        } finally {
          lease.release();
        }
      }
    };
    await Promise.all(["a", "b", "c", "d"].map(worker));
    isOver = true;
    await collecting;
    expect(lastOf.size).toBe(4);
    expect(results.length).toBeGreaterThan(5);
    // With all leases over, all of it can go, and does.
    await store.collect().catch(() => undefined);
    const end = await openStore(directory, { limitBytes: 1 });
    await end.store.collect().catch(() => undefined);
    expect([await end.content.list(), await end.snapshotter.list(), await end.store.list()]).toEqual([
      [],
      [],
      [],
    ]);
  });

  it("a name that is given again while it is being collected stays", async () => {
    const opened = await openStore(directory, { limitBytes: 1 });
    const { store } = opened;
    let isOver = false;
    let known: Image | null = null;
    const collecting = (async () => {
      while (!isOver) await store.collect().catch(() => undefined);
    })();
    const pause = (turns: number) => sleep(turns / 4);
    for (let round = 0; round < 60; round += 1) {
      const lease = store.lease();
      const same: Image = known ?? (await imageOf(opened, [[fileOf("same", 1)]]));
      known = await store.tag("same", same.digest).then(
        () => same,
        () => null,
      );
      if (known === null) {
        lease.release();
        continue;
      }
      await pause(20);
      expect((await store.resolve("same"))?.digest).toBe(same.digest);
      lease.release();
      // Time in which a collection may begin to take it away.
      await pause(round % 20);
    }
    isOver = true;
    await collecting;
  });
});
