import { addon } from "./addon.ts";
import type { Name } from "./entries.ts";

/** A file or a symbolic link that is to be in a directory. Ids and times are those on disk. */
export type PlacedEntry = {
  readonly name: Name;
  /** Permission bits, set-id and sticky bits included; a symbolic link has none. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Whole seconds since 1970. */
  readonly mtimeSeconds: number;
} & (
  | { readonly kind: "packed"; readonly offset: number; readonly sizeBytes: number }
  /** A file of the directory `from`, with its capabilities. */
  | { readonly kind: "file"; readonly source: Name }
  | { readonly kind: "symlink"; readonly target: Name }
);

/** Where contents come from: descriptors, null where no entry needs it. */
export interface PlacedContents {
  /** A file that holds the content of packed entries. */
  readonly pack: number | null;
  readonly from: number | null;
}

const NUMBERS = 7;
const KINDS = { packed: 0, file: 1, symlink: 2 } as const;

/**
 * Makes entries in an open directory, on a thread of libuv's pool. What is there and is no directory is replaced; a
 * directory in the way is EISDIR or EEXIST. Rejects with NativeError at the first that fails, its name as `path`; those
 * before it stay. The descriptors must stay open until then.
 */
export async function placeEntries(
  directory: number,
  contents: PlacedContents,
  entries: readonly PlacedEntry[],
): Promise<void> {
  const numbers = new Float64Array(entries.length * NUMBERS);
  const texts: Name[] = [];
  for (const [index, entry] of entries.entries()) {
    const at = index * NUMBERS;
    numbers[at] = KINDS[entry.kind];
    numbers[at + 1] = entry.kind === "packed" ? entry.offset : 0;
    numbers[at + 2] = entry.kind === "packed" ? entry.sizeBytes : 0;
    numbers[at + 3] = entry.mode;
    numbers[at + 4] = entry.uid;
    numbers[at + 5] = entry.gid;
    numbers[at + 6] = entry.mtimeSeconds;
    texts.push(
      entry.name,
      entry.kind === "file" ? entry.source : entry.kind === "symlink" ? entry.target : "",
    );
  }
  const { pack, from } = contents;
  await addon.placeEntries(directory, pack ?? -1, from ?? -1, numbers, bytesOf(texts));
}

const END = "\0";

/** The texts one after the other, each with a NUL at its end. */
function bytesOf(texts: readonly Name[]): Uint8Array {
  for (const text of texts) {
    if (typeof text === "string" ? text.includes(END) : text.includes(0))
      throw new TypeError("A name holds a NUL");
  }
  // Nearly always all of them are text, and encoded at once.
  if (texts.every((text) => typeof text === "string")) return Buffer.from(texts.join(END) + END);
  return Buffer.concat(texts.flatMap((text) => [Buffer.from(text), Buffer.from(END)]));
}
