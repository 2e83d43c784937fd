import { execFileSync } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { lstat, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  allocateFile,
  copyTree,
  getxattrAt,
  mountOverlay,
  mountTmpfs,
  setxattrAt,
  unmount,
} from "./index.ts";

const MIB = 1024 ** 2;
let directory: string;
let from: string;
let to: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-copy-"));
  from = path.join(directory, "from");
  to = path.join(directory, "to");
  for (const each of [from, to]) await mkdir(each);
});
afterEach(async () => await rm(directory, { recursive: true, force: true }));

const shell = (script: string) => execFileSync("sh", ["-ec", script], { cwd: from, encoding: "utf8" });
/** All that stat(1) says of a tree, but places and inodes. */
const listing = (root: string) =>
  execFileSync("find", [".", "-printf", "%p %y %m %U %G %s %T@ %n %l %D\\n"], { cwd: root, encoding: "utf8" })
    .replaceAll(/ \d+$/gm, "")
    .split("\n")
    .filter((line) => !line.startsWith(". "))
    .sort();

test("kinds, owners, modes, times, links, names of any bytes and content arrive as they are", async () => {
  shell(`
    mkdir -m 1777 d; mkdir -m 02750 d/e; echo text > d/e/f; chmod 4711 d/e/f; chown 1000:2000 d/e/f d/e
    ln d/e/f d/second; ln d/e/f third; ln -s /etc/passwd link; chown -h 5:6 link; mkfifo -m 620 pipe
    printf x > "$(printf 'a\\377b\\nc')"; : > empty; dd if=/dev/urandom of=big bs=1M count=20 2>/dev/null
    touch -h -d @1234567890.123456789 link pipe empty d/e/f d/e d; chmod 0500 d/e`);
  await copyTree(from, to);
  expect(listing(to)).toEqual(listing(from));
  execFileSync("diff", ["-r", "--no-dereference", `${from}/d`, `${to}/d`]);
  execFileSync("cmp", [`${from}/big`, `${to}/big`]);
  expect((await stat(path.join(to, "third"))).ino).toBe((await stat(path.join(to, "d/e/f"))).ino);
});

test("what overlayfs and programs read in attributes arrives, labels of a place don't", async () => {
  shell("mkdir opaque; echo x > file");
  const root = openSync(from, "r");
  execFileSync("mknod", [path.join(from, "gone"), "c", "0", "0"]);
  setxattrAt(root, "opaque", "trusted.overlay.opaque", Buffer.from("y"));
  setxattrAt(root, "file", "user.note", Buffer.from("hello"));
  setxattrAt(
    root,
    "file",
    "security.capability",
    Buffer.from("0100000200200000000000000000000000000000", "hex"),
  );
  closeSync(root);
  await copyTree(from, to);
  const copy = openSync(to, "r");
  try {
    expect(getxattrAt(copy, "opaque", "trusted.overlay.opaque")?.toString()).toBe("y");
    expect(getxattrAt(copy, "file", "user.note")?.toString()).toBe("hello");
    expect(getxattrAt(copy, "file", "security.capability")?.length).toBe(20);
  } finally {
    closeSync(copy);
  }
  const gone = await lstat(path.join(to, "gone"));
  expect([gone.isCharacterDevice(), gone.rdev]).toEqual([true, 0]);
});

test("holes stay holes, also at the end", async () => {
  shell(
    "truncate -s 64M holes; dd if=/dev/urandom of=holes bs=64k count=3 seek=500 conv=notrunc 2>/dev/null",
  );
  await copyTree(from, to);
  const [before, after] = await Promise.all([from, to].map((root) => stat(path.join(root, "holes"))));
  expect(after?.size).toBe(64 * MIB);
  expect(after?.blocks).toBeLessThanOrEqual((before?.blocks ?? 0) + 64);
  execFileSync("cmp", [`${from}/holes`, `${to}/holes`]);
});

test("an upper that a real overlay wrote means the same as its copy", async () => {
  const [lower, work, merged, again] = ["lower", "work", "merged", "again"].map((name) =>
    path.join(directory, name),
  );
  for (const each of [lower, work, merged, again]) await mkdir(each ?? "");
  execFileSync("sh", ["-ec", "mkdir -p a/b c; echo 1 > a/b/1; echo 2 > c/2; echo 3 > 3; echo 4 > 4"], {
    cwd: lower,
  });
  const mount = async (upper: string, target: string, scratch: string) =>
    mountOverlay({
      lowers: [lower ?? ""],
      upper: { directory: upper, work: scratch },
      target,
      idRange: null,
    });
  const names = () =>
    execFileSync("find", [".", "-type", "f"], { cwd: merged, encoding: "utf8" }).split("\n").sort();
  await mount(from, merged ?? "", work ?? "");
  execFileSync("sh", ["-ec", "rm -r a 3 4; mkdir a; echo new > a/new; echo more >> c/2"], { cwd: merged });
  const expected = names();
  await unmount(merged ?? "");
  await copyTree(from, to);
  await mkdir(path.join(directory, "work2"));
  await mount(to, merged ?? "", path.join(directory, "work2"));
  try {
    expect(names()).toEqual(expected);
    expect(await readFile(path.join(merged ?? "", "c/2"), "utf8")).toBe("2\nmore\n");
  } finally {
    await unmount(merged ?? "");
  }
});

test("a cancelled copy ends, a target that is full says so, and too many directories in each other are refused", async () => {
  shell("dd if=/dev/zero of=big bs=1M count=40 2>/dev/null");
  await expect(copyTree(from, to, AbortSignal.abort(new Error("enough")))).rejects.toThrow("enough");
  await rm(to, { recursive: true });
  await mkdir(to);
  await mountTmpfs(to, 8 * MIB);
  try {
    await expect(copyTree(from, to)).rejects.toMatchObject({ code: "ENOSPC" });
  } finally {
    await unmount(to);
  }
  shell("rm big; n=0; while [ $n -lt 1100 ]; do mkdir d; cd d; n=$((n+1)); done");
  await expect(copyTree(from, to)).rejects.toMatchObject({ code: "ELOOP", syscall: "copy" });
});

test("a place on a disk is taken without writing it, and refused where there is none", async () => {
  const file = path.join(directory, "taken");
  await allocateFile(file, 4 * MIB);
  await allocateFile(file, 8 * MIB);
  expect((await stat(file)).blocks * 512).toBeGreaterThanOrEqual(8 * MIB);
  await mountTmpfs(to, 4 * MIB);
  try {
    await expect(allocateFile(path.join(to, "taken"), 64 * MIB)).rejects.toMatchObject({ code: "ENOSPC" });
  } finally {
    await unmount(to);
  }
  await writeFile(path.join(from, "x"), "");
  expect(await readdir(from)).toEqual(["x"]);
});
