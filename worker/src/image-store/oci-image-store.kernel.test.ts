import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Digest } from "@slipway/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestOf, hexOf } from "../content/digest.ts";
import type { StoredLayer } from "./image-store.ts";
import { configOf, layerOf, openStore, tarOf } from "./store-fixture.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-images-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const open = () => openStore(directory);

describe("the image store", () => {
  it("unpacks layers once, in order, compressed or not", async () => {
    const opened = await open();
    const layers = [
      await layerOf(opened, tarOf([{ path: "a", content: "lower" }])),
      await layerOf(opened, tarOf([{ path: "a", content: "upper" }]), true),
      await layerOf(opened, tarOf([".wh.b"])),
    ];
    const [one, two] = await Promise.all([
      opened.store.create(configOf(layers), layers),
      opened.store.create(configOf(layers), layers),
    ]);
    expect(two).toEqual(one);
    const directories = await opened.snapshotter.layers(one?.snapshot ?? "");
    expect(directories).toHaveLength(3);
    expect(await readFile(path.join(directories[1] ?? "", "a"), "utf8")).toBe("upper");
    expect(await readdir(path.join(directory, "snapshots/active"))).toEqual([]);
  });

  it("keeps its names through a restart, and replaces what a name means", async () => {
    const opened = await open();
    const first = await opened.store.create(configOf([]), []);
    const second = await opened.store.create({ ...configOf([]), created: "2020-01-01T00:00:00Z" }, []);
    await Promise.all(["a", "b", "c"].map((name) => opened.store.tag(name, first.digest)));
    await opened.store.tag("docker.io/library/a:latest", second.digest);
    const again = await open();
    expect(await again.store.list()).toEqual(
      ["a", "b", "c"].map((name) => `docker.io/library/${name}:latest`),
    );
    expect((await again.store.resolve("a"))?.digest).toBe(second.digest);
    expect((await again.store.resolve("b:latest"))?.digest).toBe(first.digest);
    expect(await again.store.resolve("d")).toBeNull();
  });

  it.each([
    ["a layer that was changed on the disk", (layer: StoredLayer) => layer.digest],
    ["a layer whose content is not that of its diffID", () => null],
  ])("says store-corrupt for %s, and keeps no snapshot of it", async (_, changed) => {
    const opened = await open();
    const layer = await layerOf(opened, tarOf([{ path: "a", content: "x" }]));
    const digest = changed(layer);
    const wrong = digest ? layer : { ...layer, diffId: digestOf("something else") as Digest };
    const blob = path.join(directory, "content/blobs/sha256", hexOf(layer.digest));
    if (digest) await writeFile(blob, tarOf([{ path: "a", content: "y" }]));
    await expect(opened.store.create(configOf([wrong]), [wrong])).rejects.toMatchObject({
      code: "store-corrupt",
    });
    expect(await readdir(path.join(directory, "snapshots/committed"))).toEqual([]);
    expect(await readdir(path.join(directory, "snapshots/active"))).toEqual([]);
  });

  it("says store-corrupt for an index that is none", async () => {
    await open();
    await writeFile(path.join(directory, "content/index.json"), "{");
    await expect(open()).rejects.toMatchObject({ code: "store-corrupt" });
  });

  it("refuses to tag what is not there", async () => {
    const { store } = await open();
    await expect(store.tag("a", digestOf("nothing"))).rejects.toMatchObject({ code: "image-missing" });
  });
});
