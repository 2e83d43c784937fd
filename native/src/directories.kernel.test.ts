import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  makeDirectory,
  mountBind,
  publishFile,
  removeEmptyDirectories,
  removeTree,
  syncFile,
  unmountAll,
} from "./index.ts";

let home: string;
const at = (...names: string[]) => path.join(home, ...names);
beforeEach(async () => {
  home = await mkdtemp(path.join(tmpdir(), "slipway-directories-"));
});
afterEach(async () => {
  await unmountAll(at("tree/mounted"));
  await unmountAll(at("mounted"));
  await rm(home, { recursive: true, force: true });
});

const bind = (source: string, target: string) =>
  mountBind({ source, target, idRange: null, readOnly: false });

test("a directory is made with entries and exact modes, whatever the umask is", async () => {
  const umask = process.umask(0o077);
  try {
    await makeDirectory(at("new"), 0o711, [
      { name: "file", mode: 0o644, content: "안녕" },
      { name: "empty", mode: 0o600, content: "" },
      { name: "directory", mode: 0o755 },
    ]);
  } finally {
    process.umask(umask);
  }
  const modes = await Promise.all(
    ["", "file", "empty", "directory"].map(async (name) => (await stat(at("new", name))).mode & 0o7777),
  );
  expect(modes).toEqual([0o711, 0o644, 0o600, 0o755]);
  expect(await readFile(at("new/file"), "utf8")).toBe("안녕");
  await expect(makeDirectory(at("new"), 0o700, [])).rejects.toMatchObject({
    code: "EEXIST",
    syscall: "mkdir",
  });
  expect(await readdir(at("new"))).toHaveLength(3);
});

test.each([["../evil"], ["a/b"], [".."], ["."], [""]])("an entry called %j is refused", async (name) => {
  await expect(makeDirectory(at("new"), 0o700, [{ name, mode: 0o600, content: "" }])).rejects.toThrow();
  expect(await readdir(home)).toEqual([]);
});

describe("removing a tree", () => {
  test("takes all of it, and nothing that links lead to", async () => {
    await mkdir(at("tree/a/b/c"), { recursive: true });
    await mkdir(at("outside"));
    await writeFile(at("outside/kept"), "");
    await writeFile(at("tree/a/b/file"), "");
    await symlink(at("outside"), at("tree/a/link"));
    await removeTree(at("tree"));
    await symlink(at("outside"), at("tree"));
    await removeTree(at("tree"));
    await removeTree(at("tree"));
    expect(await readdir(home)).toEqual(["outside"]);
    expect(await readdir(at("outside"))).toEqual(["kept"]);
  });

  test("enters no mount, not even one of the same file system", async () => {
    await mkdir(at("tree/mounted"), { recursive: true });
    await mkdir(at("outside"));
    await writeFile(at("outside/kept"), "");
    await bind(at("outside"), at("tree/mounted"));
    await expect(removeTree(at("tree"))).rejects.toThrow(/EBUSY|EXDEV/);
    await expect(removeTree(at("tree/mounted"))).rejects.toThrow(/EBUSY|EXDEV/);
    expect(await readdir(at("outside"))).toEqual(["kept"]);
    await unmountAll(at("tree/mounted"));
    await removeTree(at("tree"));
    expect(await readdir(at("outside"))).toEqual(["kept"]);
  });
});

test("empty directories go, others are named", async () => {
  for (const name of ["empty", "full/inner"]) await mkdir(at(name), { recursive: true });
  expect(await removeEmptyDirectories([at("empty"), at("missing"), at("full")])).toEqual([at("full")]);
  expect(await readdir(home)).toEqual(["full"]);
});

test("all mounts of a directory go, and none is no error", async () => {
  for (const name of ["mounted", "one", "two"]) await mkdir(at(name));
  for (const name of ["one", "two"]) await bind(at(name), at("mounted"));
  await unmountAll(at("mounted"));
  expect(await readFile("/proc/self/mountinfo", "utf8")).not.toContain(home);
  await unmountAll(at("mounted"));
  await unmountAll(at("missing"));
});

test("a file gets its name with its content, and its marker is there then", async () => {
  const file = { temporary: at("half"), target: at("whole"), marker: at("marker") };
  await publishFile({ ...file, bytes: Buffer.from("content") });
  expect((await readdir(home)).sort()).toEqual(["marker", "whole"]);
  expect(await readFile(at("whole"), "utf8")).toBe("content");
  await writeFile(at("half"), "written before");
  await expect(publishFile({ ...file, bytes: new Uint8Array(0) })).rejects.toMatchObject({ code: "EEXIST" });
  await publishFile({ ...file, bytes: null });
  expect(await readFile(at("whole"), "utf8")).toBe("written before");
  expect([await syncFile(at("whole")), await syncFile(at("missing"))]).toEqual([true, false]);
});
