import { execFileSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/**
 * A root file system for tests on the real kernel: busybox of Debian's busybox-static, made once per machine.
 * Everything in it belongs to root, as in an unpacked image.
 */
export function testRootfs(): string {
  const cache = path.join(tmpdir(), "slipway-test-rootfs");
  const rootfs = path.join(cache, "busybox-1");
  if (existsSync(rootfs)) return rootfs;
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(path.join(cache, "draft-"));
  try {
    for (const directory of ["bin", "dev", "etc", "proc", "root", "sys", "tmp"]) {
      mkdirSync(path.join(draft, "rootfs", directory), { recursive: true });
    }
    execFileSync("chmod", ["1777", path.join(draft, "rootfs/tmp")]);
    execFileSync("chmod", ["755", path.join(draft, "rootfs")]);
    const busybox = path.join(draft, "rootfs/bin/busybox");
    cpSync(findBusybox(draft), busybox);
    for (const applet of execFileSync(busybox, ["--list"], { encoding: "utf8" }).trim().split("\n")) {
      if (applet !== "busybox") symlinkSync("busybox", path.join(draft, "rootfs/bin", applet));
    }
    writeFileSync(
      path.join(draft, "rootfs/etc/passwd"),
      "root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000::/:/bin/sh\n",
    );
    writeFileSync(path.join(draft, "rootfs/etc/group"), "root:x:0:\nuser:x:1000:\n");
    renameSync(path.join(draft, "rootfs"), rootfs);
  } catch (error) {
    // Another test may have been faster.
    if (!existsSync(rootfs)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return rootfs;
}

/** The static busybox of this machine, or the one in Debian's package. */
function findBusybox(scratch: string): string {
  if (existsSync("/bin/busybox")) return "/bin/busybox";
  execFileSync("apt-get", ["download", "busybox-static"], { cwd: scratch, stdio: "ignore" });
  const archive = readdirSync(scratch).find((name) => name.endsWith(".deb"));
  if (archive === undefined) throw new Error("apt-get download gave no package of busybox-static");
  execFileSync("dpkg-deb", ["-x", archive, "unpacked"], { cwd: scratch });
  const found = ["bin/busybox", "usr/bin/busybox"]
    .map((name) => path.join(scratch, "unpacked", name))
    .find(existsSync);
  if (found === undefined) throw new Error("busybox-static holds no busybox");
  return found;
}
