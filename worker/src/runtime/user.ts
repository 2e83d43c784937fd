import { closeSync, constants, fstatSync, readSync } from "node:fs";
import { NativeError, openInRoot, openLayers } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { layersWith } from "../layer/layers-with.ts";
import { ID_RANGE_SIZE } from "./id-ranges.ts";

/** Of /etc/passwd and /etc/group only so much is read, bytes. */
const ACCOUNT_FILE_BYTES = 1024 * 1024;
/** Linux' NGROUPS_MAX is 65536; no image needs more than this. */
const MAX_GROUPS = 256;

export interface ResolvedUser {
  readonly uid: number;
  readonly gid: number;
  readonly additionalGids: readonly number[];
  /** Home directory as /etc/passwd has it, "/" otherwise. */
  readonly home: string;
}

/**
 * Ids for a USER of an image or an exec (`name`, `uid`, `name:group`, `uid:gid`, or nothing for root), as Docker finds
 * them (moby/sys, user.GetExecUser): names and supplementary groups come from the root file system's /etc/passwd and
 * /etc/group, a number need not be listed there. `lowers` are the layers of the root file system, topmost first, or
 * the one directory where it is mounted. `groups` are further ones, by name or number. Rejects with `user-unknown`.
 */
export async function resolveUser(
  lowers: readonly string[],
  user: string,
  groups: readonly string[] = [],
): Promise<ResolvedUser> {
  const [passwd, group] = readAccounts(lowers);
  const found = lookUp(user, passwd, group);
  if (groups.length === 0) return found;
  const further = groups.map((name) => groupNamed(user, name, records(group, 4)));
  return { ...found, additionalGids: [...new Set([...found.additionalGids, ...further])] };
}

/** A number need not be listed in /etc/group. */
function groupNamed(user: string, name: string, groups: readonly string[][]): number {
  const named = groups.find((fields) => fields[isNumber(name) ? 2 : 0] === name);
  if (named === undefined && !isNumber(name)) throw unknown(user, `no group ${name} in /etc/group`);
  return id(user, named?.[2] ?? name);
}

function readAccounts(lowers: readonly string[]): readonly [passwd: string, group: string] {
  const read = (symlinks: "follow" | "refuse") => (root: number | null) =>
    root === null
      ? (["", ""] as const)
      : ([
          readAccountFile(root, "/etc/passwd", symlinks),
          readAccountFile(root, "/etc/group", symlinks),
        ] as const);
  try {
    return withRoot(layersWith(lowers, ["etc"]), read("refuse"));
  } catch (error) {
    if (!(error instanceof NativeError) || error.code !== "ELOOP") throw error;
    // A link may lead anywhere.
    return withRoot(lowers, read("follow"));
  }
}

/** The first of some absolute paths that is an executable file in the root file system, or null. */
export async function findExecutable(
  lowers: readonly string[],
  candidates: readonly string[],
): Promise<string | null> {
  return withRoot(lowers, (root) => {
    if (root === null) return null;
    return candidates.find((candidate) => isExecutable(root, candidate)) ?? null;
  });
}

/** The look-up itself, on the contents of the two files. */
export function lookUp(user: string, passwd: string, group: string): ResolvedUser {
  const [userPart = "", groupPart = ""] = split(user);
  const wanted = userPart === "" ? "0" : userPart;
  const account = records(passwd, 7).find((fields) =>
    isNumber(wanted) ? fields[2] === wanted : fields[0] === wanted,
  );
  if (account === undefined && !isNumber(wanted)) throw unknown(user, `no user ${wanted} in /etc/passwd`);
  const uid = id(user, account?.[2] ?? wanted);
  const home = account?.[5] || "/";
  const groups = records(group, 4);
  if (groupPart !== "") {
    return { uid, gid: groupNamed(user, groupPart, groups), additionalGids: [], home };
  }
  if (account === undefined) return { uid, gid: 0, additionalGids: [], home };
  const memberOf = groups.filter((fields) => fields[3]?.split(",").includes(account[0] ?? ""));
  const additionalGids = memberOf.slice(0, MAX_GROUPS).map((fields) => id(user, fields[2] ?? ""));
  return { uid, gid: id(user, account[3] ?? ""), additionalGids: [...new Set(additionalGids)], home };
}

function split(user: string): [string, string] {
  const colon = user.indexOf(":");
  return colon < 0 ? [user, ""] : [user.slice(0, colon), user.slice(colon + 1)];
}

/** Lines of colon-separated fields (passwd(5), group(5)); fields that are missing at the end are empty. */
function records(content: string, fieldCount: number): string[][] {
  const lines = content.split("\n").filter((line) => line.trim() !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const fields = line.split(":");
    return [...fields, ...Array<string>(Math.max(0, fieldCount - fields.length)).fill("")];
  });
}

function isNumber(text: string): boolean {
  return /^[0-9]{1,10}$/.test(text);
}

/** Ids beyond the range don't exist in a container's user namespace. */
function id(user: string, text: string): number {
  const number = isNumber(text) ? Number(text) : Number.NaN;
  if (number < ID_RANGE_SIZE) return number;
  throw unknown(user, `the id ${text} is not between 0 and ${ID_RANGE_SIZE - 1}`);
}

function unknown(user: string, why: string): SlipwayError {
  return new SlipwayError("user-unknown", `The user ${user} is unknown: ${why}.`.slice(0, 1000), {
    params: { user: user.slice(0, 200), reason: why.slice(0, 200) },
  });
}

/** Hands over a descriptor of the tree that the layers are; null when there are none (FROM scratch). */
function withRoot<Result>(lowers: readonly string[], use: (root: number | null) => Result): Result {
  if (lowers.length === 0) return use(null);
  const root = openLayers(lowers);
  try {
    return use(root);
  } finally {
    closeSync(root);
  }
}

/** Empty when there is no such regular file. */
function readAccountFile(root: number, file: string, symlinks: "follow" | "refuse"): string {
  const fd = openIfPresent(root, file, constants.O_RDONLY | constants.O_NONBLOCK, symlinks);
  if (fd === null) return "";
  try {
    const status = fstatSync(fd);
    if (!status.isFile()) return "";
    const content = Buffer.alloc(Math.min(status.size, ACCOUNT_FILE_BYTES));
    return content.toString("utf8", 0, readSync(fd, content, 0, content.length, 0));
  } finally {
    closeSync(fd);
  }
}

function isExecutable(root: number, file: string): boolean {
  // O_PATH of <fcntl.h>, which Node doesn't name: nothing is opened that could have an effect.
  const fd = openIfPresent(root, file, 0o10000000);
  if (fd === null) return false;
  try {
    const status = fstatSync(fd);
    return status.isFile() && (status.mode & 0o111) !== 0;
  } finally {
    closeSync(fd);
  }
}

/** Where links are refused, one on the way is an error, ELOOP. */
function openIfPresent(
  root: number,
  file: string,
  flags: number,
  symlinks: "follow" | "refuse" = "follow",
): number | null {
  const absent = ["ENOENT", "ENOTDIR", "ENXIO", ...(symlinks === "follow" ? ["ELOOP"] : [])];
  try {
    return openInRoot(root, file, flags, 0, { symlinks });
  } catch (error) {
    if (error instanceof NativeError && absent.includes(error.code)) return null;
    throw error;
  }
}
