import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, it } from "vitest";
import { digestOf } from "../content/digest.ts";
import { openContentStore } from "../content/directory-content-store.ts";
import { OverlaySnapshotter } from "../snapshot/overlay-snapshotter.ts";
import { LayerCache } from "./layer-cache.ts";

it("a result that can be found is listed, also when its file is gone: so nobody takes away what it names", async () => {
  const directory = await mkdtemp(path.join(tmpdir(), "slipway-cache-"));
  try {
    const at = (name: string) => path.join(directory, name);
    const snapshotter = await OverlaySnapshotter.open(at("snapshots"));
    const cache = new LayerCache(at("cache"), await openContentStore(at("content")), snapshotter);
    await cache.open();
    await snapshotter.prepare("key", null);
    await snapshotter.commit("made", "key");
    const step = {
      parent: null,
      snapshot: "made",
      layer: null,
      createdAt: "",
      bytesAdded: 0,
      filesChanged: 0,
    };
    const key = digestOf("step");
    await cache.set(key, step);
    for (const name of await readdir(at("cache"))) await rm(at(`cache/${name}`));
    expect(await cache.get(key, null)).toMatchObject({ snapshot: "made" });
    const listed = [];
    for await (const entry of cache.entries()) listed.push(entry);
    expect(listed).toMatchObject([{ snapshot: "made" }]);
    await cache.evict(listed[0]?.key ?? "");
    expect(await cache.get(key, null)).toBeNull();
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
});
