import { closeSync, constants, readSync } from "node:fs";
import { openInRoot } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { errnoOf } from "../content/atomic-file.ts";

/** What is read of /etc/passwd and /etc/group. */
const MAX_FILE_BYTES = 1024 * 1024;
const MAX_ID = 2 ** 32 - 2;

export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/**
 * The ids that `--chown=user:group` means: numbers as they are, names from the image's /etc/passwd and /etc/group. A
 * user without a group: the group of the passwd entry for a name, the same number for a number (as BuildKit does). `root`
 * is a descriptor of the image's root, null where there is no image.
 */
export function resolveOwner(root: number | null, text: string): Owner {
  const [user = "", group] = text.split(":");
  const entry = /^\d+$/.test(user) ? { uid: number(user), gid: number(user) } : userByName(root, user);
  if (group === undefined || group === "") return entry;
  return { uid: entry.uid, gid: /^\d+$/.test(group) ? number(group) : groupByName(root, group) };
}

function userByName(root: number | null, name: string): Owner {
  const fields = lineOf(root, "etc/passwd", name);
  if (!fields && name === "root") return { uid: 0, gid: 0 };
  if (!fields) throw unknown("user", name);
  return { uid: number(fields[2] ?? ""), gid: number(fields[3] ?? "") };
}

function groupByName(root: number | null, name: string): number {
  const fields = lineOf(root, "etc/group", name);
  if (!fields && name === "root") return 0;
  if (!fields) throw unknown("group", name);
  return number(fields[2] ?? "");
}

function number(text: string): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value > MAX_ID) throw unknown("id", text);
  return value;
}

function lineOf(root: number | null, file: string, name: string): string[] | null {
  for (const line of read(root, file).split("\n")) {
    const fields = line.split(":");
    if (fields[0] === name) return fields;
  }
  return null;
}

function read(root: number | null, file: string): string {
  if (root === null) return "";
  try {
    const descriptor = openInRoot(root, file, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const bytes = Buffer.alloc(MAX_FILE_BYTES);
      let length = 0;
      for (;;) {
        const count = readSync(descriptor, bytes, length, MAX_FILE_BYTES - length, null);
        length += count;
        if (count === 0 || length === MAX_FILE_BYTES) return bytes.subarray(0, length).toString("utf8");
      }
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    if (errnoOf(error) === "ENOENT" || errnoOf(error) === "ENOTDIR") return "";
    throw error;
  }
}

function unknown(what: string, name: string): SlipwayError {
  const shown = name.slice(0, 200);
  return new SlipwayError("user-unknown", `The image has no ${what} "${shown}".`, {
    params: { user: shown },
  });
}
