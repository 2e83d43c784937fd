import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { testRootfs } from "../../runtime/test-rootfs.ts";

const SOURCE = fileURLToPath(new URL("testdata/attack.c", import.meta.url));

/** The root file system of tests with `/bin/attack` in it, made once per machine and version of the program. */
export function hostileRootfs(): string {
  const version = createHash("sha256").update(readFileSync(SOURCE)).digest("hex").slice(0, 12);
  const cache = path.join(tmpdir(), "slipway-test-rootfs");
  const rootfs = path.join(cache, `hostile-${version}`);
  if (existsSync(rootfs)) return rootfs;
  const base = testRootfs();
  mkdirSync(cache, { recursive: true });
  const draft = mkdtempSync(path.join(cache, "draft-"));
  try {
    cpSync(base, path.join(draft, "rootfs"), { recursive: true, verbatimSymlinks: true });
    chmodSync(path.join(draft, "rootfs/tmp"), 0o1777);
    execFileSync("gcc", ["-O1", "-static", "-o", path.join(draft, "rootfs/bin/attack"), SOURCE]);
    renameSync(path.join(draft, "rootfs"), rootfs);
  } catch (error) {
    // Another test may have been faster.
    if (!existsSync(rootfs)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return rootfs;
}
