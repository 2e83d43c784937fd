import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, it } from "vitest";
import { type OpenedStore, openStore } from "../../image-store/store-fixture.ts";
import type { BaseImages } from "../builder.ts";
import { createBaseImages } from "./base-images.ts";

const RECIPES = fileURLToPath(new URL("../../../../infra/images/", import.meta.url));

let directory: string;
let opened: OpenedStore;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-making-"));
  opened = await openStore(directory);
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

const open = (recipesDirectory: string): Promise<BaseImages> =>
  createBaseImages({
    recipesDirectory,
    mapFile: path.join(recipesDirectory, "image-map"),
    directory: path.join(directory, "base-images"),
    imageStore: opened.store,
    content: opened.content,
    builder: () => {
      throw new Error("no recipe here is a Dockerfile");
    },
    limits: { memoryBytes: 1, cpus: 1, pids: 1, diskBytes: 1024 ** 3, timeoutMs: 1 },
    extraCertificates: null,
  });

/** Recipes whose programs are given, by name. */
async function recipes(
  programs: Record<string, { program: string } & Record<string, unknown>>,
): Promise<BaseImages> {
  const root = path.join(directory, "recipes");
  for (const [name, { program, ...fields }] of Object.entries(programs)) {
    await mkdir(path.join(root, name), { recursive: true });
    await writeFile(path.join(root, name, "make.sh"), program);
    const recipe = {
      kind: "root-file-system",
      tags: [name],
      starter: false,
      program: "make.sh",
      config: {},
      ...fields,
    };
    await writeFile(path.join(root, name, "recipe.json"), JSON.stringify(recipe));
  }
  await writeFile(path.join(root, "image-map"), "other:* = one\nlost:* = nowhere\ncircle:* = circle\n");
  return await open(root);
}

const filesOfMaking = () => readdir(path.join(directory, "base-images"));
const blobs = () => readdir(path.join(directory, "content/blobs/sha256"));

it("busybox is made from Debian's package, and a making that nobody waits for leaves nothing", async () => {
  const images = await open(RECIPES);
  const abort = new AbortController();
  const given = images.ensure(
    "busybox",
    () => setTimeout(() => abort.abort(new Error("left")), 300),
    abort.signal,
  );
  await expect(given).rejects.toThrow("left");
  const image = await images.ensure("busybox:1.35", () => {});
  expect(image?.config.config).toMatchObject({ Cmd: ["sh"] });
  expect((await images.ensure("busybox", () => {}))?.digest).toBe(image?.digest);
  const [layer = ""] = await opened.snapshotter.layers(image?.snapshot ?? "");
  const said = execFileSync("chroot", [
    layer,
    "/bin/sh",
    "-c",
    "echo $((6 * 7)); ls /bin | wc -l",
  ]).toString();
  expect(said).toMatch(/^42\n\d{3}\n$/);
  expect(await filesOfMaking()).toEqual([]);
}, 120_000);

it("a program that fails is quoted, and nothing of it is left", async () => {
  const images = await recipes({ one: { program: "echo no mirror >&2; echo half; exit 3" } });
  const heard: string[] = [];
  await expect(images.ensure("one", (line) => heard.push(line))).rejects.toMatchObject({
    code: "base-image-failed",
    params: { reference: "one", reason: "make.sh exited with 3: no mirror" },
  });
  expect(heard).toContain("no mirror");
  expect([await filesOfMaking(), await blobs()]).toEqual([[], []]);
});

it("a program that waits for ever ends with those who wait for it, and so does all that it started", async () => {
  const pidFile = path.join(directory, "pid");
  const images = await recipes({ one: { program: `sleep 1000 & echo $! > ${pidFile}; echo up >&2; wait` } });
  const abort = new AbortController();
  const given = images.ensure("one", (line) => line === "up" && abort.abort(new Error("left")), abort.signal);
  await expect(given).rejects.toThrow("left");
  const pid = (await readFile(pidFile, "utf8")).trim();
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; await sleep(20)) {
    if ((await filesOfMaking()).length === 0) break;
  }
  // Gone, or a zombie that nobody has waited for: one has no command line.
  expect(await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).toBe("");
  expect(await filesOfMaking()).toEqual([]);
  expect(await blobs()).toEqual([]);
});

it("two who ask share one making, a third later finds the image", async () => {
  const images = await recipes({ one: { program: `echo run >> ${directory}/runs; cd $TMPDIR; tar -c .` } });
  const [first, second] = await Promise.all([images.ensure("one", () => {}), images.ensure("one", () => {})]);
  const heard: string[] = [];
  const third = await images.ensure("docker.io/library/one:latest", (line) => heard.push(line));
  expect([second?.digest, third?.digest]).toEqual([first?.digest, first?.digest]);
  expect([await readFile(`${directory}/runs`, "utf8"), heard]).toEqual(["run\n", []]);
});

it("an image from another one gets the tar of that", async () => {
  const images = await recipes({
    one: { program: "cd $TMPDIR; echo lower > file; tar -c file" },
    two: { program: "cd $TMPDIR; tar -x; echo upper >> file; tar -c file", from: "one" },
  });
  const two = await images.ensure("two", () => {});
  if (!two) throw new Error("it was not made");
  expect(Buffer.from(await opened.store.readFile(two, 0, "file", 100)).toString()).toBe("lower\nupper\n");
  expect(await opened.store.list()).toHaveLength(2);
});

it("a mapped name gives the image that the map says, and the log says so each time, with the note", async () => {
  const images = await recipes({ one: { program: "cd $TMPDIR; tar -c .", note: "This is not other." } });
  for (const name of ["other", "other:2"]) {
    const heard: string[] = [];
    expect(await images.ensure(name, (line) => heard.push(line))).not.toBeNull();
    const familiar = name.includes(":") ? name : `${name}:latest`;
    expect(heard.slice(0, 2)).toEqual([
      `${familiar} → one (this worker's map of images)`,
      "This is not other.",
    ]);
  }
  expect(await images.mapped("other:3", () => {})).toBe("one");
  for (const name of ["lost", "circle", "unknown"]) expect(await images.ensure(name, () => {})).toBeNull();
});
