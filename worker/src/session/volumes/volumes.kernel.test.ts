import {
  chmod,
  chown,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rm,
  symlink,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import type { Disk } from "../../disk/disk.ts";
import { LoopDisks } from "../../disk/loop-disks.ts";
import { fillVolume } from "./fill-volume.ts";
import { MOST_VOLUMES, SessionVolumes, volumeData } from "./session-volumes.ts";

let root: string;
let disks: LoopDisks;
let disk: Disk;
let volumes: SessionVolumes;

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "slipway-volumes-"));
  disks = await LoopDisks.open(path.join(root, "disks"));
});
afterAll(() => rm(root, { recursive: true, force: true }));
beforeEach(async () => {
  disk = await disks.create("v", 16 * 1024 * 1024);
  volumes = new SessionVolumes(disk);
});
afterEach(() => disks.remove("v"));

const names = async () => (await volumes.list()).map(({ name }) => name);

test("a volume is made once, keeps its labels and is there for whoever comes later", async () => {
  const made = await volumes.create("data", { a: "b" });
  await writeFile(path.join(volumeData(disk, "data"), "kept"), "yes");
  expect(await volumes.create("data", { other: "label" })).toEqual(made);
  expect(await new SessionVolumes(disk).list()).toEqual([made]);
  expect(await readFile(path.join(volumeData(disk, "data"), "kept"), "utf8")).toBe("yes");
});

test("a directory that was mounted without having been created is a volume too", async () => {
  const name = "f".repeat(64);
  await mkdir(volumeData(disk, name), { recursive: true });
  expect(await volumes.get(name)).toMatchObject({ name, isAnonymous: true, labels: {} });
});

test("removing takes everything away, and a second time says that there was nothing", async () => {
  await volumes.create("gone");
  await mkdir(path.join(volumeData(disk, "gone"), "deep/er"), { recursive: true });
  expect(await volumes.remove("gone")).toBe(true);
  expect(await volumes.remove("gone")).toBe(false);
  expect(await readdir(path.join(disk.directory, "volumes"))).toEqual([]);
});

test("names that lead elsewhere are none", async () => {
  for (const name of ["..", "../x", "a/b", "", ".hidden", "a\0b", "x".repeat(300)]) {
    await expect(volumes.create(name)).rejects.toMatchObject({ code: "request-invalid" });
    expect(await volumes.get(name)).toBeNull();
    expect(await volumes.remove(name)).toBe(false);
  }
});

test("a session has a bounded number of volumes", async () => {
  for (let count = 0; count < MOST_VOLUMES; count += 1)
    await mkdir(volumeData(disk, `v${count}`), { recursive: true });
  await expect(volumes.create("one-more")).rejects.toMatchObject({ code: "volume-limit" });
  expect(await names()).toHaveLength(MOST_VOLUMES);
});

test("a new volume gets what the image has at its path, with owners and modes, and no link leads out of the image", async () => {
  const [lower, upper] = [path.join(root, "lower"), path.join(root, "upper")];
  await mkdir(path.join(lower, "data/sub"), { recursive: true });
  await writeFile(path.join(lower, "data/sub/file"), "below");
  await mkdir(path.join(upper, "data"), { recursive: true });
  await writeFile(path.join(upper, "data/top"), "above");
  await chown(path.join(upper, "data"), 33, 44);
  await chmod(path.join(upper, "data"), 0o1770);
  await symlink("/etc", path.join(upper, "out"));
  await symlink("data", path.join(upper, "alias"));
  await volumes.create("data");
  const directory = volumeData(disk, "data");

  await fillVolume(directory, [upper, lower], "/data");
  expect(await readFile(path.join(directory, "sub/file"), "utf8")).toBe("below");
  expect(await readFile(path.join(directory, "top"), "utf8")).toBe("above");
  expect(await lstat(directory)).toMatchObject({ uid: 33, gid: 44, mode: 0o041770 });

  await writeFile(path.join(directory, "top"), "mine");
  await fillVolume(directory, [upper, lower], "/data");
  expect(await readFile(path.join(directory, "top"), "utf8")).toBe("mine");

  for (const [target, expected] of [
    ["/out", []],
    ["/data/top", []],
    ["/no/such", []],
    ["/alias", ["sub", "top"]],
  ] as const) {
    await volumes.create("other");
    await fillVolume(volumeData(disk, "other"), [upper, lower], target);
    expect([target, (await readdir(volumeData(disk, "other"))).sort()]).toEqual([target, expected]);
    await volumes.remove("other");
  }
});

test("a volume that the disk has no room for says so", async () => {
  const lower = path.join(root, "large");
  await mkdir(path.join(lower, "data"), { recursive: true });
  await writeFile(path.join(lower, "data/file"), Buffer.alloc(32 * 1024 * 1024, 1));
  await volumes.create("data");
  await expect(fillVolume(volumeData(disk, "data"), [lower], "data")).rejects.toMatchObject({
    code: "disk-full",
  });
});
