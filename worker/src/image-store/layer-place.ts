import { closeSync, constants, openSync } from "node:fs";
import { getxattrAt, NativeError, openInRoot } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { bytesOf } from "../layer/name-bytes.ts";

/** overlayfs sets it on directories that hide what lower layers have in them. */
export const OPAQUE_ATTRIBUTE = "trusted.overlay.opaque";

/** NAME_MAX of Linux. */
const MAX_NAME_BYTES = 255;

/** What one layer has at the path of a directory. */
export type DirectoryPlace =
  /** The layer says nothing of it. */
  | { readonly kind: "absent" }
  /** The layer hides what lower ones have there, and has no directory itself. */
  | { readonly kind: "hidden" }
  /** A descriptor that the caller closes; when it is opaque, lower layers don't show through. */
  | { readonly kind: "there"; readonly descriptor: number; readonly isOpaque: boolean };

const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY;

/** Names of the directories on the way, from the root on. Rejects what is no path of an image with `file-missing`. */
export function componentsOf(path: string): string[] {
  if (path === "") return [];
  const names = path.split("/");
  if (!names.every(isName)) throw noPath(path);
  return names;
}

const isName = (name: string): boolean =>
  name !== "" &&
  name !== "." &&
  name !== ".." &&
  !name.includes("\0") &&
  Buffer.byteLength(bytesOf(name)) <= MAX_NAME_BYTES;

/** Looks for a directory in one unpacked layer, name by name and through no link, so nothing else is reached. */
export function findDirectory(layer: string, names: readonly string[]): DirectoryPlace {
  let isOpaque = false;
  let descriptor = openSync(layer, DIRECTORY);
  for (const name of names) {
    const parent = descriptor;
    try {
      descriptor = openInRoot(parent, bytesOf(name), DIRECTORY, 0, { escape: "refuse", symlinks: "refuse" });
      isOpaque ||= isOpaqueDirectory(parent, name);
    } catch (error) {
      if (!(error instanceof NativeError)) throw error;
      if (error.code === "ENOENT") return { kind: isOpaque ? "hidden" : "absent" };
      if (error.code === "ENOTDIR" || error.code === "ELOOP") return { kind: "hidden" };
      throw error;
    } finally {
      closeSync(parent);
    }
  }
  return { kind: "there", descriptor, isOpaque };
}

/** Closes what `findDirectory` has opened. */
export function closePlaces(places: readonly DirectoryPlace[]): void {
  for (const place of places) if (place.kind === "there") closeSync(place.descriptor);
}

export const isOpaqueDirectory = (parent: number, name: string): boolean =>
  getxattrAt(parent, bytesOf(name), OPAQUE_ATTRIBUTE)?.toString() === "y";

export function noPath(path: string): SlipwayError {
  const shown = path.slice(0, 1000);
  return new SlipwayError("file-missing", `There is nothing at "${shown}" at this layer.`, {
    params: { path: shown },
  });
}
