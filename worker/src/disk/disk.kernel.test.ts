import { execFileSync } from "node:child_process";
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { mkdtemp, readdir, readFile, rm, stat, statfs, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Disks } from "./disk.ts";
import { LoopDisks } from "./loop-disks.ts";

const MIB = 1024 * 1024;
/** statfs(2). */
const EXT4_MAGIC = 0xef53;
const XFS_MAGIC = 0x58465342;
let directory: string;
let disks: Disks;

beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-disks-"));
  disks = await LoopDisks.open(directory);
});
afterEach(async () => {
  for (const name of await disks.list()) await disks.remove(name);
  await rm(directory, { recursive: true });
});

/** Loop devices that have a file of this test behind them. */
function loopDevices(): string[] {
  const list = execFileSync("losetup", ["--list", "--noheadings", "--output", "BACK-FILE"], {
    encoding: "utf8",
  });
  return list.split("\n").filter((line) => line.includes(directory));
}

/** Writes zeros until an error, and says which and how much was written. */
function fill(file: string): { code: unknown; bytes: number } {
  const fd = openSync(file, "w");
  let bytes = 0;
  try {
    for (;;) bytes += writeSync(fd, Buffer.alloc(MIB));
  } catch (error) {
    return { code: error instanceof Error && "code" in error ? error.code : error, bytes };
  } finally {
    closeSync(fd);
  }
}

test("bytes have a hard limit, and deleting gives them back to the host", async () => {
  const disk = await disks.create("full", 32 * MIB);
  const file = path.join(disk.directory, "file");
  const { code, bytes } = fill(file);
  expect(code).toBe("ENOSPC");
  expect(bytes).toBeLessThanOrEqual(32 * MIB);
  expect(bytes).toBeGreaterThan(24 * MIB);
  const usage = await disk.usage();
  expect(usage.usedBytes).toBeGreaterThan(24 * MIB);
  expect(usage.limitBytes).toBeLessThanOrEqual(32 * MIB);
  await rm(file);
  execFileSync("sync", ["--file-system", disk.directory]);
  await expect
    .poll(async () => (await stat(path.join(directory, "images/full.img"))).blocks * 512)
    .toBeLessThan(8 * MIB);
});

test("what is written is in memory once: the image has no page cache of its own", async () => {
  const disk = await disks.create("direct", 32 * MIB);
  const options = ["--list", "--noheadings", "--output", "DIO,BACK-FILE"];
  const device = execFileSync("losetup", options, { encoding: "utf8" })
    .split("\n")
    .find((line) => line.includes(path.join(directory, "images/direct.img")));
  // tmpfs and some network file systems have no direct I/O.
  const { type } = await statfs(directory);
  expect(device?.trim()[0]).toBe([EXT4_MAGIC, XFS_MAGIC].includes(type) ? "1" : device?.trim()[0]);
  await writeFile(path.join(disk.directory, "file"), "whole");
  expect(await readFile(path.join(disk.directory, "file"), "utf8")).toBe("whole");
});

test("the number of files has a hard limit", async () => {
  const disk = await disks.create("inodes", 8 * MIB);
  const create = () => {
    for (let index = 0; index < 10_000; index += 1) writeFileSync(path.join(disk.directory, `f${index}`), "");
  };
  expect(create).toThrow("ENOSPC");
  expect((await readdir(disk.directory)).length).toBeLessThan(1000);
});

test("set-id bits and devices have no effect", async () => {
  const disk = await disks.create("flags", 8 * MIB);
  const mounts = await readFile("/proc/self/mounts", "utf8");
  const options = mounts
    .split("\n")
    .find((line) => line.includes(disk.directory))
    ?.split(" ")[3];
  expect(options?.split(",")).toEqual(expect.arrayContaining(["rw", "nosuid", "nodev", "discard"]));
});

test("a disk outlives the process that made it, mounted or not", async () => {
  const disk = await disks.create("kept", 8 * MIB);
  await writeFile(path.join(disk.directory, "file"), "still here");
  const again = await LoopDisks.open(directory);
  expect(await again.list()).toEqual(["kept"]);
  const found = await again.create("kept", 8 * MIB);
  expect(await readFile(path.join(found.directory, "file"), "utf8")).toBe("still here");
  expect(loopDevices()).toHaveLength(1);
  execFileSync("umount", [found.directory]);
  const mounted = await again.create("kept", 8 * MIB);
  expect(await readFile(path.join(mounted.directory, "file"), "utf8")).toBe("still here");
});

test("removing is idempotent and leaves no mount, loop device or file", async () => {
  await disks.create("gone", 8 * MIB);
  await disks.remove("gone");
  await disks.remove("gone");
  expect(await disks.list()).toEqual([]);
  expect(await readFile("/proc/self/mounts", "utf8")).not.toContain(directory);
  await expect.poll(loopDevices).toEqual([]);
});

test("a disk in use can be removed, its device is freed with the last user", async () => {
  const disk = await disks.create("busy", 8 * MIB);
  const fd = openSync(path.join(disk.directory, "open"), "w");
  await disks.remove("busy");
  expect(await readFile("/proc/self/mounts", "utf8")).not.toContain(directory);
  closeSync(fd);
  await expect.poll(loopDevices).toEqual([]);
});

test("what a kill left half made is not a disk", async () => {
  writeFileSync(path.join(directory, "scrap/half"), "x");
  mkdirSync(path.join(directory, "mounts/never-mounted"));
  const again = await LoopDisks.open(directory);
  expect(await readdir(path.join(directory, "scrap"))).toEqual([]);
  await again.remove("never-mounted");
  expect(await again.list()).toEqual([]);
});

test("names that would leave the directory are refused", async () => {
  for (const hostile of ["../x", "", "a/b", ".", "A"]) {
    await expect(disks.create(hostile, 8 * MIB)).rejects.toThrow("Not the name");
    await expect(disks.remove(hostile)).rejects.toThrow("Not the name");
  }
});

test("disks of one size are made from one template in a few milliseconds each", async () => {
  await disks.create("first", 1024 * MIB);
  const started = performance.now();
  for (let index = 0; index < 20; index += 1) await disks.create(`disk-${index}`, 1024 * MIB);
  const each = (performance.now() - started) / 20;
  console.log(`disk create: ${each.toFixed(2)} ms`);
  expect(await readdir(path.join(directory, "templates"))).toHaveLength(1);
  expect((await stat(path.join(directory, "images/disk-1.img"))).blocks * 512).toBeLessThan(4 * MIB);
});
