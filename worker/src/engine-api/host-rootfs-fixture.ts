import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import path from "node:path";
import { testRootfs } from "../runtime/test-rootfs.ts";

/** A root file system in `directory`: busybox, and programs of this machine with the libraries that they need, at their paths. */
export function rootfsWith(
  directory: string,
  programs: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
): string {
  const rootfs = path.join(directory, "rootfs");
  cpSync(testRootfs(), rootfs, { recursive: true, verbatimSymlinks: true });
  for (const [target, program] of Object.entries(programs)) {
    copyInto(rootfs, program, target);
    for (const library of librariesOf(program)) {
      if (!existsSync(path.join(rootfs, library))) copyInto(rootfs, library, library);
    }
  }
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(rootfs, name)), { recursive: true });
    writeFileSync(path.join(rootfs, name), content);
  }
  return rootfs;
}

function copyInto(rootfs: string, from: string, to: string): void {
  const target = path.join(rootfs, to);
  mkdirSync(path.dirname(target), { recursive: true });
  execFileSync("cp", ["-L", "--remove-destination", from, target]);
}

function librariesOf(program: string): string[] {
  try {
    const listed = execFileSync("ldd", [program], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] });
    return [...listed.matchAll(/(\/\S+\.so\S*)/g)].map(([, library = ""]) => library);
  } catch {
    // Linked statically, or a script.
    return [];
  }
}

export const which = (name: string): string => execFileSync("which", [name], { encoding: "utf8" }).trim();
