import { execFileSync, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { mkdtemp, readdir, readFile, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { unmount } from "@slipway/native";
import { build } from "esbuild";
import { afterEach, beforeEach, expect, it } from "vitest";
import { openStore, random } from "./store-fixture.ts";

const KILLS = 25;
const LONGEST_LIFE_MS = 250;
const NODE_MODULES = fileURLToPath(new URL("../../../node_modules", import.meta.url));
const WORKER = fileURLToPath(new URL("./killed-store-fixture.ts", import.meta.url));

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-killed-store-"));
});
afterEach(async () => {
  const mounts = path.join(directory, "store/mounts");
  for (const name of await readdir(mounts).catch(() => [])) {
    await unmount(path.join(mounts, name), { detach: true }).catch(() => undefined);
  }
  await rm(directory, { recursive: true, force: true });
});

/** One program, so that it starts in no time. */
async function bundled(): Promise<string> {
  const file = path.join(directory, "worker.mjs");
  await build({
    entryPoints: [WORKER],
    outfile: file,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    logLevel: "error",
  });
  // The addon is found by its package's name.
  await symlink(NODE_MODULES, path.join(directory, "node_modules"));
  return file;
}

/* What follows reads the store without any of its code. */

const json = async (file: string) => JSON.parse(await readFile(file, "utf8"));

/** Everything wrong with the OCI image layout; whole even when nobody has opened it since the kill. */
async function problemsOfLayout(layout: string): Promise<string[]> {
  const problems: string[] = [];
  const blobs = path.join(layout, "blobs/sha256");
  const present = new Set(await readdir(blobs));
  for (const name of present) {
    const actual = createHash("sha256")
      .update(await readFile(path.join(blobs, name)))
      .digest("hex");
    if (actual !== name) problems.push(`blob ${name} has the content of ${actual}`);
  }
  const index = await json(path.join(layout, "index.json")).catch(() => ({ manifests: [] }));
  for (const { digest, annotations } of index.manifests) {
    const name = annotations["org.opencontainers.image.ref.name"];
    const hex = digest.slice("sha256:".length);
    if (!present.has(hex)) {
      problems.push(`${name} has no manifest`);
      continue;
    }
    const manifest = await json(path.join(blobs, hex));
    for (const part of [manifest.config, ...manifest.layers]) {
      if (!present.has(part.digest.slice("sha256:".length))) problems.push(`${name} lacks ${part.digest}`);
    }
  }
  return problems;
}

/** Everything wrong with committed snapshots: each is whole and stands on one that is there. */
async function problemsOfSnapshots(snapshots: string): Promise<string[]> {
  const problems: string[] = [];
  const committed = path.join(snapshots, "committed");
  const names = new Set(await readdir(committed));
  for (const name of names) {
    const home = path.join(committed, name);
    const parent = await readFile(path.join(home, "parent"), "utf8");
    if (parent !== "-" && !names.has(encodeURIComponent(parent))) problems.push(`${name} stands on nothing`);
    const [layer = "none", ...others] = await readdir(path.join(home, "fs"));
    const files = await readdir(path.join(home, "fs", layer)).catch(() => []);
    const text = await readFile(path.join(home, "fs", layer, "file"), "utf8").catch(() => "");
    const isWhole = others.length === 0 && files.length === 12 && text.length === 64 * 1024;
    if (!isWhole || !text.startsWith(`${layer}/file`))
      problems.push(`${name} is not whole: ${files.join(" ")}`);
  }
  return problems;
}

it("a store that is killed at any moment is readable, and a restart cleans what was half done", async () => {
  const root = path.join(directory, "store");
  const program = await bundled();
  const next = random(20_241);
  let unclean = 0;
  let named = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    const worker = spawn(process.execPath, [program, root, String(kill + 1)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    const said = await Promise.race([once(worker.stdout, "data"), once(worker, "exit")]);
    expect(String(said[0])).toBe("open\n");
    await sleep(next() * LONGEST_LIFE_MS);
    worker.kill("SIGKILL");
    await once(worker, "exit");
    expect(await problemsOfLayout(path.join(root, "content"))).toEqual([]);
    expect(await problemsOfSnapshots(path.join(root, "snapshots"))).toEqual([]);
    const half = [
      ...(await readdir(path.join(root, "content/ingest"))),
      ...(await readdir(path.join(root, "snapshots/active"))),
    ];
    if (half.length > 0) unclean += 1;
  }
  // Kills at moments when nothing is half done would prove nothing.
  expect(unclean).toBeGreaterThan(KILLS / 4);

  const { store } = await openStore(root);
  await store.collect();
  for (const name of await store.list()) {
    const image = await store.resolve(name);
    const seen = execFileSync("skopeo", ["inspect", `oci:${root}/content:${name}`]).toString();
    expect(JSON.parse(seen)).toMatchObject({
      Digest: image?.digest,
      Layers: image?.layers.map(({ digest }) => digest),
    });
    named += 1;
  }
  expect(named).toBeGreaterThan(0);
  for (const part of [
    "content/ingest",
    "snapshots/active",
    "snapshots/scrap",
    "mounts",
    "content/layer-view/half",
  ]) {
    expect(await readdir(path.join(root, part))).toEqual([]);
  }
  expect(await readFile("/proc/mounts", "utf8")).not.toContain(root);
  expect(await problemsOfLayout(path.join(root, "content"))).toEqual([]);
  expect(await problemsOfSnapshots(path.join(root, "snapshots"))).toEqual([]);
}, 60_000);
