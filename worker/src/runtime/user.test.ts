import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { findExecutable, lookUp, resolveUser } from "./user.ts";

const passwd = [
  "root:x:0:0:root:/root:/bin/bash",
  "node:x:1000:1000::/home/node:/bin/bash",
  "www:x:33:33:www:/var/www:/usr/sbin/nologin",
  "huge:x:4000000000:1:::",
  "",
].join("\n");
const group = ["root:x:0:", "staff:x:50:node,www", "docker:x:999:node", "node:x:1000:", ""].join("\n");

describe("lookUp", () => {
  test.each([
    ["", { uid: 0, gid: 0, additionalGids: [], home: "/root" }],
    ["node", { uid: 1000, gid: 1000, additionalGids: [50, 999], home: "/home/node" }],
    ["1000", { uid: 1000, gid: 1000, additionalGids: [50, 999], home: "/home/node" }],
    ["node:staff", { uid: 1000, gid: 50, additionalGids: [], home: "/home/node" }],
    ["node:77", { uid: 1000, gid: 77, additionalGids: [], home: "/home/node" }],
    ["4242", { uid: 4242, gid: 0, additionalGids: [], home: "/" }],
    ["4242:4343", { uid: 4242, gid: 4343, additionalGids: [], home: "/" }],
  ])("finds %j as Docker does", (user, expected) => {
    expect(lookUp(user, passwd, group)).toEqual(expected);
  });

  test.each(["nobody-here", "node:nogroup", "huge", "65536", "-1", "1e3", "0x10"])(
    "%j is unknown",
    (user) => {
      expect(() => lookUp(user, passwd, group)).toThrow(expect.objectContaining({ code: "user-unknown" }));
    },
  );
});

describe("in a root file system", () => {
  let root: string;
  beforeEach(() => {
    root = mkdtempSync(path.join(tmpdir(), "slipway-user-"));
    mkdirSync(path.join(root, "etc"));
  });
  afterEach(() => rmSync(root, { recursive: true }));

  test("a number needs no files", async () => {
    expect(await resolveUser([root], "12:13")).toMatchObject({ uid: 12, gid: 13 });
    expect(await resolveUser([], "")).toEqual({ uid: 0, gid: 0, additionalGids: [], home: "/" });
  });

  test("further groups are found by name or number, and a name has to be listed", async () => {
    writeFileSync(path.join(root, "etc/group"), "audio:x:29:\nroot:x:0:\n");
    expect(await resolveUser([root], "12:13", ["audio", "1234", "29"])).toMatchObject({
      additionalGids: [29, 1234],
    });
    await expect(resolveUser([root], "", ["video"])).rejects.toMatchObject({ code: "user-unknown" });
    await expect(resolveUser([root], "", ["99999999"])).rejects.toMatchObject({ code: "user-unknown" });
  });

  test("an absolute link leads to the container's file and never to the host's", async () => {
    symlinkSync("/passwd", path.join(root, "etc/passwd"));
    await expect(resolveUser([root], "root")).rejects.toMatchObject({ code: "user-unknown" });
    writeFileSync(path.join(root, "passwd"), "inside:x:7:8::/in:/bin/sh\n");
    expect(await resolveUser([root], "inside")).toMatchObject({ uid: 7, gid: 8, home: "/in" });
  });

  test("what is no regular file counts as missing", async () => {
    mkdirSync(path.join(root, "etc/passwd"));
    await expect(resolveUser([root], "root")).rejects.toMatchObject({ code: "user-unknown" });
  });

  test("finds the first executable file, through links inside", async () => {
    mkdirSync(path.join(root, "bin"));
    writeFileSync(path.join(root, "bin/busybox"), "", { mode: 0o755 });
    writeFileSync(path.join(root, "bin/bash"), "", { mode: 0o644 });
    symlinkSync("/bin/busybox", path.join(root, "bin/sh"));
    expect(await findExecutable([root], ["/bin/zsh", "/bin/bash", "/bin", "/bin/sh"])).toBe("/bin/sh");
    expect(await findExecutable([root], ["/bin/zsh"])).toBeNull();
  });
});
