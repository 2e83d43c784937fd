import { closeSync, openSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { copyTree, LayerPacker, NativeError, placeEntries } from "@slipway/native";
import { afterEach, beforeEach, expect, it } from "vitest";
import { applyTar } from "./apply.ts";
import { whileSwapping } from "./swapping-fixture.ts";
import { encodeTarHeader, TAR_END, tarPadding } from "./tar-encoder.ts";

/* The worker walks and writes a tree while a process inside of it swaps a directory for a link to the host's. */

const SECRET = "the host's own secret: 3c1f0a";
/** Looks while the attack goes on, and how many of each kind there have to be for the attack to count as one. */
const ROUNDS = 400;
const MANY_ROUNDS = 2000;
const MOST_ROUNDS = 20_000;

let directory: string;
let host: string;
let upper: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-swaps-"));
  host = path.join(directory, "host");
  upper = path.join(directory, "upper");
  for (const each of [host, upper, path.join(upper, "d")]) await mkdir(each);
  for (const name of ["file", "other"]) await writeFile(path.join(host, name), SECRET, { mode: 0o600 });
  await mkdir(path.join(host, "sub"), { mode: 0o700 });
  await writeFile(path.join(upper, "d/file"), "harmless");
  await mkdir(path.join(upper, "d/sub"));
  await symlink(host, path.join(upper, "evil"));
});
afterEach(async () => await rm(directory, { recursive: true, force: true }));

const swapping = <Result>(work: () => Promise<Result>): Promise<Result> =>
  whileSwapping(path.join(upper, "d"), path.join(upper, "evil"), work);

/** Whatever was written may be in the way of the attack, which goes on with a new link. */
async function again(): Promise<void> {
  await symlink(host, path.join(upper, "evil")).catch(() => undefined);
  const isDirectory = async (name: string) =>
    (await lstat(path.join(upper, name)).catch(() => null))?.isDirectory() === true;
  if ((await isDirectory("d")) && (await isDirectory("d.good")))
    await rm(path.join(upper, "d.good"), { recursive: true, force: true }).catch(() => undefined);
}

/** Rounds until both sides of the swap were seen, and `least` at least. `work` says which it saw. */
async function rounds(
  work: (round: number) => Promise<"good" | "evil" | "neither">,
  least = ROUNDS,
): Promise<void> {
  const seen = { good: 0, evil: 0, neither: 0 };
  for (let round = 0; round < MOST_ROUNDS; round += 1) {
    seen[await work(round)] += 1;
    if (round >= least && seen.good > 0 && seen.evil > 0) return;
  }
  throw new Error(`The attack was none: ${JSON.stringify(seen)}`);
}

/** What the host has outside of the tree; its modes and times are part of it. */
async function hostState(): Promise<unknown> {
  const names = (await readdir(host, { recursive: true })).sort();
  const stats = await Promise.all([".", ...names].map((name) => stat(path.join(host, name))));
  const secrets = await Promise.all(["file", "other"].map((name) => readFile(path.join(host, name), "utf8")));
  return {
    names,
    secrets,
    stats: stats.map(({ mode, uid, gid, mtimeMs, size, nlink }) => [mode, uid, gid, mtimeMs, size, nlink]),
  };
}

async function packed(): Promise<Buffer> {
  const root = openSync(upper, "r");
  const packer = new LayerPacker({
    upper: root,
    lowers: [],
    maxBytes: 1e6,
    maxEntries: 1000,
    chunkBytes: 65_536,
  });
  closeSync(root);
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of packer.chunks()) chunks.push(chunk);
    return Buffer.concat(chunks);
  } finally {
    packer.close();
  }
}

/** What the kernel answers to who meets a link, a file that has gone, or another one, at a name that it has just looked at. */
const MET = new Set([
  "ELOOP",
  "ENOTDIR",
  "ENOENT",
  "ESTALE",
  "EEXIST",
  "EXDEV",
  "EISDIR",
  "ENOTEMPTY",
  "EINVAL",
]);
function isMet(error: unknown): boolean {
  return error instanceof NativeError && MET.has(error.code);
}

it("a layer of files that are swapped for links to the host's meanwhile has not one byte of them", async () => {
  await swapping(() =>
    rounds(async () => {
      const tar = await packed().catch((error: unknown) => {
        if (isMet(error)) return null;
        throw error;
      });
      if (tar === null) return "neither";
      expect(tar.includes(SECRET)).toBe(false);
      return tar.includes("harmless") && tar.subarray(0, 100).toString().startsWith("d/") ? "good" : "evil";
    }, MANY_ROUNDS),
  );
});

it("a copy of a tree that is swapped meanwhile has none of them either", async () => {
  const before = await hostState();
  await swapping(() =>
    rounds(async (round) => {
      const target = path.join(directory, `copy-${round}`);
      await mkdir(target);
      try {
        await copyTree(upper, target);
        const text = await readFile(path.join(target, "d/file"), "utf8").catch(() => null);
        const link = await stat(path.join(target, "d")).catch(() => null);
        // A link that was copied as a link leads to the host for whoever follows it here, and holds nothing itself.
        if (link?.ino === (await stat(host)).ino) return "evil";
        expect(text ?? "").not.toContain(SECRET);
        return text === "harmless" ? "good" : "evil";
      } catch (error) {
        if (isMet(error)) return "neither";
        throw error;
      } finally {
        await rm(target, { recursive: true, force: true });
      }
    }),
  );
  expect(await hostState()).toEqual(before);
});

function tarOf(names: readonly string[]): Uint8Array {
  const common = { mode: 0o777, uid: 1000, gid: 1000, mtimeSeconds: 1 };
  const parts = names.map((name) => {
    const isFile = !name.endsWith("/");
    const body = Buffer.from(isFile ? "written by a stranger" : "");
    const header = encodeTarHeader({
      ...common,
      path: name,
      type: isFile ? "file" : "directory",
      linkTarget: "",
      sizeBytes: body.byteLength,
    });
    return Buffer.concat([header, body, tarPadding(body.byteLength)]);
  });
  const link = encodeTarHeader({
    ...common,
    path: "stolen",
    type: "link",
    linkTarget: "d/other",
    sizeBytes: 0,
  });
  return Buffer.concat([...parts, link, TAR_END]);
}

it("an archive that is unpacked where directories are swapped meanwhile writes nothing outside, nor changes it", async () => {
  const before = await hostState();
  const tar = tarOf(["d/sub/", "d/file", "d/made/by/name", "d/other"]);
  async function* bytes(): AsyncGenerator<Uint8Array> {
    yield tar;
  }
  await swapping(() =>
    rounds(async () => {
      const root = openSync(upper, "r");
      try {
        await applyTar(bytes(), root, {
          limits: { maxBytes: 1e6, maxEntries: 100 },
          whiteouts: "apply",
          subject: "The layer",
        });
        return "good";
      } catch {
        return "evil";
      } finally {
        await rm(path.join(upper, "stolen"), { force: true });
        await again();
      }
    }),
  );
  expect(await hostState()).toEqual(before);
}, 120_000);

it("files that are put into a directory which is swapped meanwhile land in it or nowhere", async () => {
  const before = await hostState();
  const content = Buffer.from("written by a stranger");
  await writeFile(path.join(directory, "pack"), content);
  const pack = openSync(path.join(directory, "pack"), "r");
  const common = { mode: 0o4777, uid: 1000, gid: 1000, mtimeSeconds: 1 } as const;
  const entries = [
    { ...common, name: "d", kind: "packed", offset: 0, sizeBytes: content.byteLength } as const,
    { ...common, name: "link", kind: "symlink", target: "/etc/passwd" } as const,
  ];
  try {
    await swapping(() =>
      rounds(async () => {
        const root = openSync(upper, "r");
        try {
          await placeEntries(root, { pack, from: null }, entries);
          return "evil";
        } catch (error) {
          if (isMet(error)) return "good";
          throw error;
        } finally {
          closeSync(root);
          await rm(path.join(upper, "link"), { force: true });
          await again();
        }
      }),
    );
  } finally {
    closeSync(pack);
  }
  expect(await hostState()).toEqual(before);
});
