import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { queryAnswerSchemas } from "@slipway/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { nameOf } from "../layer/name-bytes.ts";
import type { Image } from "./image-store.ts";
import { imageOf, type OpenedStore, openStore } from "./store-fixture.ts";

let directory: string;
let opened: OpenedStore;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-look-"));
  opened = await openStore(directory);
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const never = new AbortController().signal;
const all = { offset: 0, limit: 500, onlyChanges: false };

/** `+ name@layer`, with a space for what the layer does nothing to. */
async function listed(image: Image, layer: number, at: string, window = all): Promise<string[]> {
  const signs = { added: "+", changed: "~", removed: "-", inside: "·" };
  const page = await opened.store.view.directory(image, layer, at, window);
  queryAnswerSchemas["image-directory"].parse(page);
  return page.entries.map(
    ({ name, layer: by, change }) => `${change === null ? " " : signs[change]} ${name}@${by}`,
  );
}

const refusal = async (answer: Promise<unknown>) =>
  await answer.then(
    () => "answered",
    (error) => error.code,
  );

/** Three layers that add, replace, remove and hide. */
const staged = () =>
  imageOf(opened, [
    [
      "etc/",
      { path: "etc/a", content: "12345" },
      "etc/kept",
      "d/",
      "d/in/",
      { path: "d/in/x", content: "1234567" },
    ],
    [{ path: "etc/a", content: "two" }, "etc/b", ".wh.d"],
    [".wh.etc", "d/", { path: "d/new", content: "n" }],
  ]);

describe("a directory as of a layer", () => {
  it("holds what the layers up to it have, and says what the layer itself did", async () => {
    const image = await staged();
    expect(await listed(image, 0, "")).toEqual(["+ d@0", "+ etc@0"]);
    expect(await listed(image, 1, "")).toEqual(["- d@0", "· etc@1"]);
    expect(await listed(image, 1, "etc")).toEqual(["~ a@1", "+ b@1", "  kept@0"]);
    expect(await listed(image, 2, "")).toEqual(["+ d@2", "- etc@1"]);
    expect(await listed(image, 2, "d")).toEqual(["+ new@2"]);
  });

  it("shows what a layer removed below a directory that it removed", async () => {
    const image = await staged();
    expect(await listed(image, 1, "d")).toEqual(["- in@0"]);
    expect(await listed(image, 1, "d/in")).toEqual(["- x@0"]);
    expect(await refusal(listed(image, 2, "d/in"))).toBe("file-missing");
  });

  it("leaves out what is as before when only changes are wanted", async () => {
    const image = await staged();
    expect(await listed(image, 1, "etc", { ...all, onlyChanges: true })).toEqual(["~ a@1", "+ b@1"]);
  });

  it("what an opaque directory hides is removed, and a directory whose mode differs is changed", async () => {
    const image = await imageOf(opened, [
      ["d/", "d/kept", "d/lost", "e/", "e/x"],
      ["d/", "d/.wh..wh..opq", "d/kept", { path: "e/", mode: 0o700 }],
    ]);
    expect(await listed(image, 1, "d")).toEqual(["~ kept@1", "- lost@0"]);
    expect(await listed(image, 1, "")).toEqual(["· d@1", "~ e@1"]);
  });

  it("comes in parts of any place, directories first, and knows how many there are", async () => {
    const names = Array.from({ length: 3000 }, (_, index) => `d/f${String(index).padStart(5, "0")}`);
    const image = await imageOf(opened, [[...names, "d/zz/"]]);
    const page = await opened.store.view.directory(image, 0, "d", { ...all, offset: 2500, limit: 3 });
    expect(page.total).toBe(3001);
    expect(page.entries.map(({ name }) => name)).toEqual(["f02499", "f02500", "f02501"]);
    expect((await listed(image, 0, "d", { ...all, limit: 1 }))[0]).toBe("+ zz@0");
    expect(await listed(image, 0, "d", { ...all, offset: 4000 })).toEqual([]);
  });

  it.each(["/", "..", "a/../b", ".", "a//b", "link", "link/inside", "f", "none", "x\0", "n".repeat(300)])(
    "%j is no directory of it, and nothing of the worker's is reached",
    async (at) => {
      const image = await imageOf(opened, [["f", "real/"], ["other"]]);
      const [top] = await opened.snapshotter.layers(image.snapshot ?? "");
      await symlink("/etc", path.join(top ?? "", "link"));
      expect(await refusal(listed(image, 1, at))).toBe("file-missing");
      expect(await refusal(opened.store.view.history(image, `${at}/passwd`))).toBe("file-missing");
    },
  );

  it("names that are no UTF-8 keep their bytes, and their files can be opened by them", async () => {
    const image = await imageOf(opened, [["z"]]);
    const [layer] = await opened.snapshotter.layers(image.snapshot ?? "");
    const raw = Buffer.from([0x66, 0xff, 0x0a, 0x3c, 0x62, 0x3e]);
    await writeFile(Buffer.concat([Buffer.from(`${layer}/`), raw]), "content");
    const name = nameOf(raw);
    expect(await listed(image, 0, "")).toEqual([`+ ${name}@0`, "+ z@0"]);
    const part = await opened.store.view.filePart(image, 0, JSON.parse(JSON.stringify(name)), 0);
    expect(Buffer.from(part.base64, "base64").toString()).toBe("content");
    expect(await opened.store.view.history(image, name)).toHaveLength(1);
  });

  it("a layer that the image has not is refused", async () => {
    const image = await staged();
    expect(await refusal(listed(image, 3, ""))).toBe("request-invalid");
  });
});

describe("where a file came from", () => {
  it("is told by every layer that wrote or removed it", async () => {
    const image = await staged();
    const steps = async (file: string) =>
      (await opened.store.view.history(image, file)).map(
        ({ layer, change, sizeBytes }) => `${layer} ${change} ${sizeBytes}`,
      );
    expect(await steps("etc/a")).toEqual(["0 added 5", "1 changed 3", "2 removed 3"]);
    expect(await steps("etc/kept")).toEqual(["0 added 0", "2 removed 0"]);
    expect(await steps("d/in/x")).toEqual(["0 added 7", "1 removed 7"]);
    expect(await steps("d")).toEqual(["0 added 0", "1 removed 0", "2 added 0"]);
    expect(await refusal(opened.store.view.history(image, "never"))).toBe("file-missing");
    expect(await refusal(opened.store.view.history(image, ""))).toBe("file-missing");
  });
});

describe("wasted bytes", () => {
  it("are named by file, the worst first, with the layers that wrote and lost them", async () => {
    const image = await imageOf(opened, [
      [
        { path: "big", content: "1".repeat(500) },
        { path: "small", content: "22" },
      ],
      [{ path: "big", content: "3".repeat(400) }],
      [".wh.big", { path: "small", content: "4" }],
    ]);
    expect(await opened.store.view.wasted(image)).toEqual([
      { path: "big", wastedBytes: 900, copies: 2, writtenBy: 0, lostTo: 2, isRemoved: true },
      { path: "small", wastedBytes: 2, copies: 1, writtenBy: 0, lostTo: 2, isRemoved: false },
    ]);
  });

  it("of many files are told of the worst hundred", async () => {
    const names = Array.from({ length: 700 }, (_, index) => ({
      path: `f${index}`,
      content: "x".repeat(index),
    }));
    const image = await imageOf(opened, [names, names.map(({ path: name }) => `.wh.${name}`)]);
    const wasted = await opened.store.view.wasted(image);
    expect(wasted.map(({ path: name }) => name)).toEqual(
      Array.from({ length: 100 }, (_, index) => `f${699 - index}`),
    );
  });
});

describe("a search", () => {
  const found = async (image: Image, layer: number, text: string) =>
    (await opened.store.view.search(image, layer, text, never)).hits.map(
      ({ path: file, layer: by, isPresent }) => `${isPresent ? "" : "-"}${file}@${by}`,
    );

  it("finds paths whatever their letters' size, as of a layer, with those that are gone at the end", async () => {
    const image = await staged();
    expect(await found(image, 0, "ETC")).toEqual(["etc@0", "etc/a@0", "etc/kept@0"]);
    expect(await found(image, 1, "etc/")).toEqual(["etc/a@1", "etc/b@1", "etc/kept@0"]);
    expect(await found(image, 2, "/x")).toEqual(["-d/in/x@1"]);
    expect(await found(image, 2, "nothing")).toEqual([]);
  });

  it("takes every text as a text", async () => {
    const image = await imageOf(opened, [['q"\\u0041', "한글.txt", "a.b", "axb"]]);
    expect(await found(image, 0, '"\\')).toEqual(['q"\\u0041@0']);
    expect(await found(image, 0, "글")).toEqual(["한글.txt@0"]);
    expect(await found(image, 0, "a.b")).toEqual(["a.b@0"]);
  });

  it("tells two hundred and says that there are more", async () => {
    const image = await imageOf(opened, [Array.from({ length: 6000 }, (_, index) => `same-${index}`)]);
    const result = await opened.store.view.search(image, 0, "same", never);
    expect([result.hits.length, result.hasMore]).toEqual([200, true]);
    const gone = AbortSignal.abort(new Error("nobody waits"));
    await expect(opened.store.view.search(image, 0, "same", gone)).rejects.toThrow("nobody waits");
  });
});

describe("a file's part", () => {
  it("is a quarter of a mebibyte at an offset, with the size of the whole", async () => {
    const image = await imageOf(opened, [[{ path: "f", content: `${"a".repeat(300_000)}end` }]]);
    const first = await opened.store.view.filePart(image, 0, "f", 0);
    expect([first.sizeBytes, Buffer.from(first.base64, "base64").length]).toEqual([300_003, 262_144]);
    const last = await opened.store.view.filePart(image, 0, "f", 300_000);
    expect(Buffer.from(last.base64, "base64").toString()).toBe("end");
    expect((await opened.store.view.filePart(image, 0, "f", 1e9)).base64).toBe("");
    expect(await refusal(opened.store.view.filePart(image, 0, "none", 0))).toBe("file-missing");
  });
});

describe("two images", () => {
  const base = ["etc/", { path: "etc/same", content: "same" }, { path: "etc/old", content: "old!" }] as const;

  it("differ in what is added, removed and changed; what both have is no difference, in whichever layer", async () => {
    const one = await imageOf(opened, [
      base,
      [
        { path: "app", content: "1111" },
        { path: "copy", content: "c" },
      ],
    ]);
    const two = await imageOf(opened, [
      base,
      [
        { path: "app", content: "2222" },
        { path: "copy", content: "c" },
        { path: "new", content: "nn" },
      ],
      ["etc/.wh.old"],
    ]);
    const comparison = await opened.store.view.compare(one, two);
    expect(queryAnswerSchemas["image-comparison"].parse(comparison)).toEqual({
      sharedLayers: 1,
      layersBefore: 2,
      layersAfter: 3,
      added: { paths: 1, bytes: 2 },
      removed: { paths: 1, bytes: 4 },
      changed: { paths: 1, bytesBefore: 4, bytesAfter: 4 },
      uncompared: 0,
    });
    const differences = await opened.store.view.differences(one, two, { after: "", limit: 10 });
    expect(differences.map(({ path: file, change }) => `${change} ${file}`)).toEqual([
      "changed app",
      "removed etc/old",
      "added new",
    ]);
    const rest = await opened.store.view.differences(one, two, { after: "app", limit: 1 });
    expect(rest.map(({ path: file }) => file)).toEqual(["etc/old"]);
  });

  it("that are one and the same do not differ; large files of the same size are read to their end", async () => {
    const large = "x".repeat(3 * 1024 * 1024);
    const one = await imageOf(opened, [[{ path: "f", content: `${large}1` }]]);
    const two = await imageOf(opened, [[{ path: "f", content: `${large}2` }]]);
    expect((await opened.store.view.compare(one, one)).changed.paths).toBe(0);
    expect((await opened.store.view.compare(one, two)).changed.paths).toBe(1);
    expect(await opened.store.view.differences(one, one, { after: "", limit: 5 })).toEqual([]);
  });

  it("an image of no layers can be compared too", async () => {
    const [none, one] = [await imageOf(opened, []), await imageOf(opened, [["a"]])];
    expect(await opened.store.view.compare(none, one)).toMatchObject({
      sharedLayers: 0,
      added: { paths: 1 },
    });
  });
});
