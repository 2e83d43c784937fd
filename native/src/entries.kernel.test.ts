import {
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  chmodAt,
  getxattrAt,
  lchownAt,
  linkAt,
  listxattrAt,
  mkdirAt,
  mknodAt,
  openInRoot,
  renameAt,
  setxattrAt,
  symlinkAt,
  unlinkAt,
  utimensAt,
} from "./index.ts";

let root: string;
let directory: number;
const at = (name: string) => path.join(root, name);

beforeEach(() => {
  root = path.join(mkdtempSync(path.join(tmpdir(), "slipway-entries-")), "root");
  mkdirSync(root);
  writeFileSync(path.join(root, "../secret"), "outside");
  directory = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
});
afterEach(() => {
  closeSync(directory);
  rmSync(path.dirname(root), { recursive: true });
});

function read(where: string, options = {}): string {
  const fd = openInRoot(root, where, constants.O_RDONLY, 0, options);
  try {
    return readFileSync(fd, "utf8");
  } finally {
    closeSync(fd);
  }
}

describe("openInRoot", () => {
  test("dots, absolute links and links upwards end at the root", () => {
    writeFileSync(at("secret"), "inside");
    symlinkSync("/secret", at("absolute"));
    symlinkSync("../../../secret", at("upwards"));
    for (const where of ["../secret", "/secret", "absolute", "upwards", "../../../../secret"]) {
      expect(read(where)).toBe("inside");
    }
  });

  test("leaving the root, and links at all, can be refused", () => {
    writeFileSync(at("file"), "");
    symlinkSync("file", at("link"));
    expect(() => read("../secret", { escape: "refuse" })).toThrow(expect.objectContaining({ code: "EXDEV" }));
    expect(() => read("link", { symlinks: "refuse" })).toThrow(expect.objectContaining({ code: "ELOOP" }));
  });

  test("links of proc, which lead anywhere, are not followed", () => {
    const proc = openSync("/proc/self", constants.O_RDONLY | constants.O_DIRECTORY);
    expect(() => openInRoot(proc, "root/etc", constants.O_RDONLY)).toThrow(
      expect.objectContaining({ code: "ELOOP" }),
    );
    closeSync(proc);
  });

  test("a NUL in a path is refused, not cut off", () => {
    expect(() => read("file\0.txt")).toThrow(expect.objectContaining({ code: "EINVAL" }));
  });

  test("creates with a mode", () => {
    closeSync(openInRoot(directory, "new", constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL, 0o640));
    expect(lstatSync(at("new")).mode & 0o777).toBe(0o640);
  });
});

describe("entries", () => {
  test.each(["", ".", "..", "a/b", "/etc"])("%j is no name of an entry", (name) => {
    expect(() => mkdirAt(directory, name, 0o755)).toThrow(expect.objectContaining({ code: "EINVAL" }));
    expect(() => unlinkAt(directory, name)).toThrow(expect.objectContaining({ code: "EINVAL" }));
  });

  test("makes what a tar archive can hold", () => {
    mkdirAt(directory, "directory", 0o755);
    mknodAt(directory, "whiteout", constants.S_IFCHR);
    mknodAt(directory, "fifo", constants.S_IFIFO | 0o600);
    symlinkAt("/anywhere", directory, "link");
    writeFileSync(at("file"), "x");
    linkAt(directory, "file", directory, "hard");
    linkAt(directory, "link", directory, "hard-link");
    renameAt(directory, "file", directory, "renamed");
    expect(lstatSync(at("whiteout")).rdev).toBe(0);
    expect(lstatSync(at("fifo")).isFIFO()).toBe(true);
    expect(readlinkSync(at("hard-link"))).toBe("/anywhere");
    expect(lstatSync(at("hard")).nlink).toBe(2);
    unlinkAt(directory, "directory", { isDirectory: true });
    expect(existsSync(at("directory"))).toBe(false);
  });

  test("owner, mode, time and attributes are set on a link itself, never through it", () => {
    symlinkAt("../secret", directory, "link");
    lchownAt(directory, "link", 4_000_000_000, 5);
    utimensAt(directory, "link", -5, 7);
    expect(() => chmodAt(directory, "link", 0o777)).toThrow(expect.objectContaining({ code: "EOPNOTSUPP" }));
    setxattrAt(directory, "link", "trusted.probe", Buffer.from("value"));
    const link = lstatSync(at("link"), { bigint: true });
    expect([link.uid, link.gid, link.mtimeNs]).toEqual([4_000_000_000n, 5n, -4_999_999_993n]);
    expect(getxattrAt(directory, "link", "trusted.probe")?.toString()).toBe("value");
    expect(getxattrAt(directory, "link", "trusted.none")).toBeNull();
    expect(listxattrAt(directory, "link")).toContain("trusted.probe");
    expect(lstatSync(path.join(root, "../secret")).uid).toBe(0);
  });
});
