import { closeSync, constants, fstatSync, openSync, readlinkSync } from "node:fs";
import { lchownAt, mkdirAt, NativeError, O_PATH, openInRoot } from "@slipway/native";
import { MAX_PATH_BYTES, SlipwayError } from "@slipway/protocol";
import { bytesOf, nameOf } from "../../layer/name-bytes.ts";

/** Directories in each other that are made for one path. */
const DEEPEST = 64;

/** Runs `work` with a descriptor and closes it. */
export function using<Result>(descriptor: number, work: (descriptor: number) => Result): Result {
  try {
    return work(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** @throws container-path-invalid for what can't be a path */
export function checkPath(path: string): void {
  const tooLong = Buffer.byteLength(path) > MAX_PATH_BYTES;
  if (!path.startsWith("/") || path.includes("\0") || tooLong) throw invalid(path);
}

/** Opens something for a look and nothing else, its links followed. The caller closes it. */
export function openPlace(rootfs: string, path: string): number {
  checkPath(path);
  return using(openSync(rootfs, O_PATH | constants.O_DIRECTORY), (root) =>
    named(path, () => openInRoot(root, bytesOf(path), O_PATH)),
  );
}

/** The same for a directory. Those that are missing are made, as their parent's owner, when `owner` is given. */
export function openDirectoryAt(rootfs: string, path: string, makes: boolean): number {
  checkPath(path);
  const flags = O_PATH | constants.O_DIRECTORY;
  return using(openSync(rootfs, flags), (root) => {
    try {
      return openInRoot(root, bytesOf(path), flags);
    } catch (error) {
      if (!makes || !isCode(error, "ENOENT")) throw pathError(path, error);
    }
    named(path, () => makeDirectories(root, path));
    return named(path, () => openInRoot(root, bytesOf(path), flags));
  });
}

/** Splits a path into its directory and its last part. @throws container-path-invalid for the root itself */
export function splitPath(path: string): { readonly directory: string; readonly name: string } {
  checkPath(path);
  const parts = path.split("/").filter((part) => part !== "");
  const name = parts.pop();
  if (name === undefined || name === "." || name === "..") throw invalid(path);
  return { directory: `/${parts.join("/")}`, name };
}

/** Where a descriptor really is, as a path in the container: the kernel's answer without links; null where it has none. */
export function pathInside(rootfs: string, descriptor: number): string | null {
  const real = nameOf(readlinkSync(`/proc/self/fd/${descriptor}`, { encoding: "buffer" }));
  if (real === rootfs) return "/";
  return real.startsWith(`${rootfs}/`) ? real.slice(rootfs.length) : null;
}

/** Does `work`, whose system calls are about `path`. */
export function named<Result>(path: string, work: () => Result): Result {
  try {
    return work();
  } catch (error) {
    throw pathError(path, error);
  }
}

/** What went wrong in words of the protocol; what is no matter of the path stays as it is. */
export function pathError(path: string, error: unknown): unknown {
  if (isCode(error, "ENOENT")) {
    const params = { path: path.slice(0, 1024) };
    return new SlipwayError("container-path-missing", "There is nothing at this path.", {
      params,
      cause: error,
    });
  }
  if (isCode(error, "ENOSPC", "EDQUOT"))
    return new SlipwayError("session-disk-full", "The session's disk is full.", { cause: error });
  if (isCode(error, "ENOTDIR", "EISDIR", "ELOOP", "ENAMETOOLONG", "EINVAL", "EXDEV", "EACCES", "EPERM"))
    return invalid(path, error);
  return error;
}

export function invalid(path: string, cause?: unknown): SlipwayError {
  const params = { path: path.slice(0, 1024) };
  return new SlipwayError("container-path-invalid", "This can't be done with this path.", { params, cause });
}

function isCode(error: unknown, ...codes: readonly string[]): boolean {
  const code = error instanceof NativeError ? error.code : (error as NodeJS.ErrnoException | null)?.code;
  return code !== undefined && codes.includes(code);
}

/** Each as the owner of the one above it. Nobody follows a link to make one: what is a link already is followed. */
function makeDirectories(root: number, path: string): void {
  const parts = path.split("/").filter((part) => part !== "");
  if (parts.length > DEEPEST) throw invalid(path);
  for (let depth = 1; depth <= parts.length; depth += 1) {
    const name = parts[depth - 1] ?? "";
    // These are there wherever there is a directory.
    if (name === "." || name === "..") continue;
    const above = `/${parts.slice(0, depth - 1).join("/")}`;
    using(openInRoot(root, bytesOf(above), O_PATH | constants.O_DIRECTORY), (parent) => {
      try {
        const { uid, gid } = fstatSync(parent);
        mkdirAt(parent, bytesOf(name), 0o755, uid);
        lchownAt(parent, bytesOf(name), uid, gid);
      } catch (error) {
        if (!isCode(error, "EEXIST")) throw error;
      }
    });
  }
}
