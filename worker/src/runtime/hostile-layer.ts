import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { fileURLToPath } from "node:url";

const SOURCE = fileURLToPath(new URL("./testdata/attack.c", import.meta.url));

/** A layer with the compiled attacks as /attack, and /trap: a script that is interpreted by whoever starts it. */
export function hostileLayer(): string {
  const made = statSync(SOURCE).mtimeMs;
  const layer = path.join(tmpdir(), "slipway-test-rootfs", `attacks-${Math.round(made)}`);
  if (existsSync(layer)) return layer;
  mkdirSync(path.dirname(layer), { recursive: true });
  const draft = mkdtempSync(`${layer}-draft-`);
  try {
    const options = ["-static", "-O1", "-Wall", "-Werror", "-Wno-unused-result"];
    execFileSync("g++", ["-x", "c", ...options, "-o", path.join(draft, "attack"), SOURCE]);
    writeFileSync(path.join(draft, "trap"), "#!/proc/self/exe\n", { mode: 0o755 });
    execFileSync("chmod", ["755", draft]);
    renameSync(draft, layer);
  } catch (error) {
    // Another test may have been faster.
    if (!existsSync(layer)) throw error;
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
  return layer;
}
