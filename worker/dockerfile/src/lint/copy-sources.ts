import { compileGlob } from "../glob.ts";
import type { IgnoreFile } from "../ignore-file.ts";

/** Sources of ADD that are no files of the context. */
const REMOTE = /^(?:https?:\/\/|git:\/\/|ssh:\/\/|git@)/;

/**
 * True where a source of COPY or ADD names what the ignore file leaves out. `files` are all paths of the context, where
 * they are known: a directory of which anything is left is none of these. Without them, a file with `!` patterns is not
 * judged, and neither are wildcards.
 */
export function isIgnoredSource(
  source: string,
  ignoreFile: IgnoreFile,
  files: readonly string[] | null,
): boolean {
  if (REMOTE.test(source)) return false;
  const path = cleanSource(source);
  if (path === "") return false;
  if (files === null) {
    const isClear = !ignoreFile.hasExceptions && !compileGlob(path, "path").hasWildcards;
    return isClear && ignoreFile.ignores(path);
  }
  const glob = compileGlob(path, "path");
  const meant = files.filter((file) => glob.matchesPathOrParent(file));
  return meant.length > 0 ? meant.every((file) => ignoreFile.ignores(file)) : ignoreFile.ignores(path);
}

/** The path from the context's root, without what leads nowhere; empty is the root itself. */
function cleanSource(source: string): string {
  const parts: string[] = [];
  for (const part of source.split("/")) {
    if (part === "..") parts.pop();
    else if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}
