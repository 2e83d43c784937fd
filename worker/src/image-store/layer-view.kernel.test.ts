import { mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { imageLayerSchema, layerEntrySchema } from "@slipway/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { hexOf } from "../content/digest.ts";
import type { Image } from "./image-store.ts";
import { imageOf, type OpenedStore, openStore } from "./store-fixture.ts";

let directory: string;
let opened: OpenedStore;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-view-"));
  opened = await openStore(directory);
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const everything = { after: "", limit: 1000 };
const entriesOf = (image: Image, layer: number) => opened.store.view.entries(image, layer, everything);

/** `+ path`, `~ path`, `- path` */
async function shortEntries(image: Image, layer: number): Promise<string[]> {
  const signs = { added: "+", changed: "~", removed: "-" };
  return (await entriesOf(image, layer)).map(({ change, path: file }) => `${signs[change]} ${file}`);
}

const textOf = async (image: Image, layer: number, file: string) =>
  Buffer.from(await opened.store.readFile(image, layer, file, 1000)).toString();

describe("layers of an image", () => {
  it("each have their instruction; those that made no layer are left out", async () => {
    const image = await imageOf(opened, [["a"], ["b"]], {
      history: [
        { created_by: "COPY a" },
        { created_by: "ENV x=y", empty_layer: true },
        { created_by: "COPY b" },
        { created_by: "CMD", empty_layer: true },
      ],
    });
    const layers = await opened.store.view.layers(image);
    expect(layers.map(({ createdBy }) => createdBy)).toEqual(["COPY a", "COPY b"]);
    expect(layers.map(({ diffId }) => diffId)).toEqual(image.config.rootfs.diff_ids);
    for (const layer of layers) imageLayerSchema.parse(layer);
  });

  it("have no instruction where the history does not say", async () => {
    const image = await imageOf(opened, [["a"], ["b"]], { history: [{ created_by: "x".repeat(5000) }] });
    const layers = await opened.store.view.layers(image);
    expect(layers.map(({ createdBy }) => createdBy)).toEqual(["x".repeat(4096), ""]);
  });

  it("count what they add, change and remove, and what of them nobody sees any more", async () => {
    const image = await imageOf(opened, [
      [
        "etc/",
        { path: "etc/a", content: "12345" },
        { path: "etc/b", content: "123" },
        "gone/",
        { path: "gone/x", content: "1234567" },
      ],
      [{ path: "etc/a", content: "new" }, ".wh.gone", "etc/c"],
      [".wh.etc"],
    ]);
    const counts = (await opened.store.view.layers(image)).map(
      ({ sizeBytes, added, changed, removed, wastedBytes }) =>
        [sizeBytes, added, changed, removed, wastedBytes] as const,
    );
    expect(counts).toEqual([
      [15, 5, 0, 0, 15],
      [3, 1, 1, 2, 3],
      [0, 0, 0, 4, 0],
    ]);
    expect(await shortEntries(image, 0)).toEqual(["+ etc", "+ etc/a", "+ etc/b", "+ gone", "+ gone/x"]);
    expect(await shortEntries(image, 1)).toEqual(["~ etc/a", "+ etc/c", "- gone", "- gone/x"]);
    expect(await shortEntries(image, 2)).toEqual(["- etc", "- etc/a", "- etc/b", "- etc/c"]);
  });

  it("a directory that is made anew hides what was in it, and what comes back is changed", async () => {
    const image = await imageOf(opened, [
      ["d/", { path: "d/kept", content: "1" }, { path: "d/lost", content: "12" }, "d-after"],
      ["d/", "d/.wh..wh..opq", { path: "d/kept", content: "new" }],
    ]);
    expect(await shortEntries(image, 1)).toEqual(["~ d/kept", "- d/lost"]);
    expect((await opened.store.view.layers(image)).map(({ wastedBytes }) => wastedBytes)).toEqual([3, 0]);
    expect(await textOf(image, 1, "d/kept")).toBe("new");
    await expect(textOf(image, 1, "d/lost")).rejects.toMatchObject({ code: "file-missing" });
    expect(await textOf(image, 0, "d/lost")).toBe("12");
  });

  it("a file in the place of a directory, and the other way round", async () => {
    const image = await imageOf(opened, [
      ["d/", "d/x", { path: "f", content: "12" }],
      ["d", "f/", "f/y"],
    ]);
    expect(await shortEntries(image, 1)).toEqual(["~ d", "- d/x", "~ f", "+ f/y"]);
    expect((await opened.store.view.layers(image)).map(({ wastedBytes }) => wastedBytes)).toEqual([2, 0]);
  });

  it("a directory counts as changed when its mode or owner does, not when only something in it did", async () => {
    const image = await imageOf(opened, [
      ["same/", "other/", "owned/"],
      ["same/", "same/x", { path: "other/", mode: 0o700 }, { path: "owned/", uid: 5 }],
    ]);
    expect(await shortEntries(image, 1)).toEqual(["~ other", "~ owned", "+ same/x"]);
  });

  it("tell kinds, links and owners; bytes of a file with two names count once", async () => {
    const image = await imageOf(opened, [
      [
        { path: "a", content: "12345", uid: 7, gid: 8, mode: 0o4755 },
        { path: "b", type: "link", linkTarget: "a" },
        { path: "c", type: "symlink", linkTarget: "../../etc/passwd" },
        { path: "d", type: "fifo" },
      ],
    ]);
    const entries = await entriesOf(image, 0);
    expect(entries.map(({ kind, target, sizeBytes }) => [kind, target, sizeBytes])).toEqual([
      ["file", "", 5],
      ["hardlink", "a", 0],
      ["symlink", "../../etc/passwd", 0],
      ["fifo", "", 0],
    ]);
    expect(entries[0]).toMatchObject({ uid: 7, gid: 8, mode: 0o4755 });
    expect((await opened.store.view.layers(image))[0]?.sizeBytes).toBe(5);
  });

  it("names that are no UTF-8, and names of newlines and quotes, keep every byte", async () => {
    const image = await imageOf(opened, [['q"\n\u2028', "z"]]);
    const [layer] = await opened.snapshotter.layers(image.snapshot ?? "");
    await writeFile(Buffer.concat([Buffer.from(`${layer}/`), Buffer.from([0x66, 0xff, 0x41])]), "");
    expect(await shortEntries(image, 0)).toEqual(["+ f\udcffA", '+ q"\n\u2028', "+ z"]);
  });

  it("an image of no layers has none", async () => {
    const image = await imageOf(opened, []);
    expect(await opened.store.view.layers(image)).toEqual([]);
    await expect(opened.store.view.entries(image, 0, everything)).rejects.toMatchObject({
      code: "request-invalid",
    });
  });
});

describe("entries", () => {
  it("come in pages that have no gaps and no doubles, each directory before what is in it", async () => {
    const names = Array.from({ length: 5000 }, (_, index) => `d${index % 7}/f${index}`);
    const extra = ["d1-x", "d1.y", "d1 z", "d1/é", "d1/\u{1F600}"];
    const image = await imageOf(opened, [[...names, ...extra]]);
    const seen: string[] = [];
    for (let after = ""; ; ) {
      const page = await opened.store.view.entries(image, 0, { after, limit: 333 });
      for (const entry of page) seen.push(layerEntrySchema.parse(entry).path);
      if (page.length < 333) break;
      after = page.at(-1)?.path ?? "";
    }
    expect(seen).toHaveLength(5000 + 5 + 7);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen.indexOf("d1/f1")).toBe(seen.indexOf("d1") + 1);
    for (const name of extra) expect(seen).toContain(name);
  });

  it("a page begins after a path also when nothing has that path", async () => {
    const image = await imageOf(opened, [["a", "c", "e"]]);
    const page = await opened.store.view.entries(image, 0, { after: "b", limit: 1 });
    expect(page.map((entry) => entry.path)).toEqual(["c"]);
    expect(await opened.store.view.entries(image, 0, { after: "zz", limit: 1 })).toEqual([]);
  });

  it("are worked out again when their files are lost or torn", async () => {
    const image = await imageOf(opened, [["a"], ["b"]]);
    const before = await opened.store.view.layers(image);
    const view = path.join(directory, "content/layer-view");
    await writeFile(path.join(view, `${hexOf(image.snapshot as never)}.totals`), "[");
    await rm(path.join(view, `${hexOf(image.config.rootfs.diff_ids[0] as never)}.entries`));
    expect(await opened.store.view.layers(image)).toEqual(before);
    expect(await shortEntries(image, 0)).toEqual(["+ a"]);
    expect(await readdir(path.join(view, "half"))).toEqual([]);
  });

  it("of a layer of 60,000 files need no memory that grows with it, and leave others their turn", async () => {
    const names = Array.from({ length: 60_000 }, (_, index) => `d${index % 300}/file-${index}`);
    const image = await imageOf(opened, [names, [".wh.d7"]]);
    const before = process.memoryUsage().rss;
    let peak = before;
    let turns = 0;
    const watch = setInterval(() => {
      turns += 1;
      peak = Math.max(peak, process.memoryUsage().rss);
    }, 1);
    try {
      const [lower, upper] = await opened.store.view.layers(image);
      expect([lower?.added, upper?.removed]).toEqual([60_300, 201]);
    } finally {
      clearInterval(watch);
    }
    expect(peak - before).toBeLessThan(100 * 1024 ** 2);
    expect(turns).toBeGreaterThan(100);
    const page = await opened.store.view.entries(image, 0, { after: "d200/file-500", limit: 2 });
    expect(page.map((entry) => entry.path)).toEqual(["d200/file-5000", "d200/file-50000"]);
  });

  it("two who ask at the same time share one working out", async () => {
    const image = await imageOf(opened, [["a"]]);
    const both = await Promise.all([opened.store.view.layers(image), opened.store.view.layers(image)]);
    expect(both[0]).toEqual(both[1]);
    expect(await entriesOf(image, 0)).toHaveLength(1);
  });
});

describe("a file of a layer", () => {
  it("is as it was at that layer", async () => {
    const image = await imageOf(opened, [
      [{ path: "a", content: "one" }],
      [{ path: "a", content: "two" }],
      [".wh.a"],
    ]);
    expect([await textOf(image, 0, "a"), await textOf(image, 1, "/a")]).toEqual(["one", "two"]);
    await expect(textOf(image, 2, "a")).rejects.toMatchObject({ code: "file-missing" });
    await expect(textOf(image, 3, "a")).rejects.toMatchObject({ code: "request-invalid" });
  });

  it.each([
    "../../../../etc/hostname",
    "out",
    "loop",
    "pipe",
    "dir",
    "dir/none",
    "",
    ".",
    "a\0b",
    "x".repeat(5000),
  ])("%j leads to no file of the worker and does not wait", async (file) => {
    const image = await imageOf(opened, [
      [
        { path: "out", type: "symlink", linkTarget: "/../../../../etc/hostname" },
        { path: "loop", type: "symlink", linkTarget: "loop" },
        { path: "pipe", type: "fifo" },
        "dir/",
      ],
      ["other"],
    ]);
    await expect(textOf(image, 1, file)).rejects.toMatchObject({ code: "file-missing" });
    await expect(textOf(image, 0, file)).rejects.toMatchObject({ code: "file-missing" });
  });

  it("is found through links of the image", async () => {
    const image = await imageOf(opened, [
      [{ path: "usr/lib/x", content: "inside" }],
      [{ path: "etc/x", type: "symlink", linkTarget: "../../usr/lib/x" }],
    ]);
    expect(await textOf(image, 1, "etc/x")).toBe("inside");
  });

  it("is refused when it is too large", async () => {
    const image = await imageOf(opened, [[{ path: "a", content: "x".repeat(1001) }]]);
    await expect(textOf(image, 0, "a")).rejects.toMatchObject({
      code: "file-too-large",
      params: { sizeBytes: 1001, limitBytes: 1000 },
    });
  });
});
