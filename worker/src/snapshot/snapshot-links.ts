import { readdir, readFile, readlink, rm } from "node:fs/promises";
import path from "node:path";
import { SlipwayError } from "@slipway/protocol";

/** Keys and names become file names; a digest's colon is encoded. */
const NAME_PATTERN = /^[A-Za-z0-9][A-Za-z0-9._:-]{0,159}$/;
/** Content of the file `parent` of a snapshot without one. Never empty: that is what a power cut can leave. */
export const NO_PARENT = "-";
/** Of one whose parent is not committed yet: opening drops it, as it does what a power cut left. */
export const PARENT_IS_ACTIVE = "?";
export interface Committed {
  readonly parent: string | null;
  /** The directory with `fs` and `parent`. */
  readonly home: string;
}

/** What the links of a directory lead to. Links that lead nowhere, and what has no good parent, are removed. */
export async function readLinks(directory: string): Promise<Map<string, Committed>> {
  const found = new Map<string, Committed>();
  for (const entry of await readdir(directory)) {
    const link = path.join(directory, entry);
    const home = await homeOf(link);
    const parent = await readFile(path.join(home, "parent"), "utf8").catch(() => "");
    if (parent === NO_PARENT || NAME_PATTERN.test(parent))
      found.set(decodeURIComponent(entry), { parent: parent === NO_PARENT ? null : parent, home });
    else await rm(link, { recursive: true, force: true });
  }
  return found;
}

async function homeOf(link: string): Promise<string> {
  try {
    return path.resolve(path.dirname(link), await readlink(link));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EINVAL") return link;
    throw error;
  }
}

export function checkName(name: string): void {
  if (!NAME_PATTERN.test(name)) throw new SlipwayError("internal", `Not the name of a snapshot: ${name}`);
}
