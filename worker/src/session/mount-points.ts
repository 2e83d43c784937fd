import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import path from "node:path";
import { ENGINE_MOUNT } from "./engine-door.ts";

const DIRECTORIES = ["dev", "etc", "proc", "sys"];
/** The files that the runtime mounts its own over. */
const FILES = ["etc/hosts", "etc/hostname", "etc/resolv.conf"];
/** Where docker clients look; the second one for images whose /var/run is no link to /run. */
const SOCKET_LINKS = ["run/docker.sock", "var/run/docker.sock"];

/**
 * The lowest layer of every session: all that the runtime mounts something on, for images that lack it. Otherwise it would be
 * made in the session's writable layer and be taken for the person's own work. `engine`: with the way to the session's Engine
 * API. Safe to repeat.
 */
export function makeMountPoints(directory: string, { engine = false } = {}): string {
  const root = path.join(directory, engine ? "mount-points-engine" : "mount-points");
  if (existsSync(path.join(root, FILES.at(-1) ?? ""))) return root;
  const more = engine ? ["run", ENGINE_MOUNT.slice(1), "var", "var/run"] : [];
  for (const name of ["", ...DIRECTORIES, ...more]) {
    mkdirSync(path.join(root, name), { recursive: true });
    // Whatever the umask is: a container's user looks these up.
    chmodSync(path.join(root, name), 0o755);
  }
  for (const link of engine ? SOCKET_LINKS : []) {
    makeLink(`${ENGINE_MOUNT}/docker.sock`, path.join(root, link));
  }
  for (const name of FILES) {
    writeFileSync(path.join(root, name), "");
    chmodSync(path.join(root, name), 0o644);
  }
  return root;
}

/** One that a kill left is the same. */
function makeLink(target: string, link: string): void {
  try {
    symlinkSync(target, link);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "EEXIST")) throw error;
  }
}
