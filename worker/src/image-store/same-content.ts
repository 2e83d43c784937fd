import { closeSync, constants, read, readSync } from "node:fs";
import { promisify } from "node:util";
import { openInRoot } from "@slipway/native";
import { bytesOf } from "../layer/name-bytes.ts";

const readAt = promisify(read);

/** Files up to this size are read on this thread: two reads from memory cost less than two journeys to others. */
const SMALL_BYTES = 64 * 1024;
const CHUNK_BYTES = 1024 * 1024;

/** A regular file of one unpacked layer. */
export interface FileOfLayer {
  readonly directory: string;
  readonly path: string;
}

/** Whether two files that have this many bytes each have the same ones. */
export async function isSameContent(
  left: FileOfLayer,
  right: FileOfLayer,
  sizeBytes: number,
): Promise<boolean> {
  const one = openFile(left);
  try {
    const two = openFile(right);
    try {
      return sizeBytes <= SMALL_BYTES
        ? isSameSmall(one, two, sizeBytes)
        : await isSameLarge(one, two, sizeBytes);
    } finally {
      closeSync(two);
    }
  } finally {
    closeSync(one);
  }
}

const openFile = ({ directory, path }: FileOfLayer): number =>
  openInRoot(directory, bytesOf(path), constants.O_RDONLY | constants.O_NONBLOCK, 0, {
    escape: "refuse",
    symlinks: "refuse",
  });

function isSameSmall(one: number, two: number, sizeBytes: number): boolean {
  const [left, right] = [Buffer.alloc(sizeBytes), Buffer.alloc(sizeBytes)];
  readSync(one, left, 0, sizeBytes, 0);
  readSync(two, right, 0, sizeBytes, 0);
  return left.equals(right);
}

async function isSameLarge(one: number, two: number, sizeBytes: number): Promise<boolean> {
  const [left, right] = [Buffer.alloc(CHUNK_BYTES), Buffer.alloc(CHUNK_BYTES)];
  for (let at = 0; at < sizeBytes; at += CHUNK_BYTES) {
    const wanted = Math.min(CHUNK_BYTES, sizeBytes - at);
    const [first, second] = await Promise.all([
      readAt(one, left, 0, wanted, at),
      readAt(two, right, 0, wanted, at),
    ]);
    if (first.bytesRead !== second.bytesRead) return false;
    if (!left.subarray(0, first.bytesRead).equals(right.subarray(0, second.bytesRead))) return false;
  }
  return true;
}
