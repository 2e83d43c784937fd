import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";

const DIRECTORIES = ["dev", "etc", "proc", "sys"];
/** The files that the runtime mounts its own over. */
const FILES = ["etc/hosts", "etc/hostname", "etc/resolv.conf"];

/**
 * The lowest layer of every session: all that the runtime mounts something on, for images that lack it. Otherwise it would be
 * made in the session's writable layer and be taken for the person's own work. Safe to repeat.
 */
export function makeMountPoints(directory: string): string {
  const root = path.join(directory, "mount-points");
  if (existsSync(path.join(root, FILES.at(-1) ?? ""))) return root;
  for (const name of ["", ...DIRECTORIES]) {
    mkdirSync(path.join(root, name), { recursive: true });
    // Whatever the umask is: a container's user looks these up.
    chmodSync(path.join(root, name), 0o755);
  }
  for (const name of FILES) {
    writeFileSync(path.join(root, name), "");
    chmodSync(path.join(root, name), 0o644);
  }
  return root;
}
