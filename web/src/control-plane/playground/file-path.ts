import { SlipwayError } from "@slipway/protocol";

/** Longest path of a file in a playground, bytes of UTF-8. */
export const MAX_PATH_BYTES = 512;
/** Longest name between two slashes, bytes of UTF-8: NAME_MAX of Linux (limits.h). */
const MAX_NAME_BYTES = 255;

/** @returns the error that says why a file can't have this name */
export const wrongName = (path: string, reason: string): SlipwayError =>
  new SlipwayError("file-name-invalid", `The file name is not valid: ${reason}.`, {
    params: { path: path.slice(0, MAX_PATH_BYTES), reason },
  });

function reasonAgainst(path: string): string | null {
  if (path === "") return "it is empty";
  if (Buffer.byteLength(path) > MAX_PATH_BYTES) return `it is longer than ${MAX_PATH_BYTES} bytes`;
  if (/\p{Cc}|\p{Cs}/u.test(path)) return "it holds a control character";
  if (path.includes("\\")) return "it holds a backslash";
  if (path.startsWith("/")) return "it begins with a slash";
  for (const name of path.split("/")) {
    if (name === "" || name === "." || name === "..") return `it has a part "${name}"`;
    if (Buffer.byteLength(name) > MAX_NAME_BYTES) return `a part is longer than ${MAX_NAME_BYTES} bytes`;
  }
  return null;
}

/** Refuses every path that is not a plain relative one. @throws file-name-invalid */
export function checkPath(path: string): void {
  const reason = reasonAgainst(path);
  if (reason) throw wrongName(path, reason);
}

/** The folders on the way to a path, the outermost first. */
export function foldersOf(path: string): string[] {
  const names = path.split("/").slice(0, -1);
  return names.map((_, index) => names.slice(0, index + 1).join("/"));
}

/** Whether a path is another one or lies in it. */
export const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(`${folder}/`);
