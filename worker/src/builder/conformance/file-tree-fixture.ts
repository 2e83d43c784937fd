import { createHash } from "node:crypto";
import path from "node:path";
import type { Readable } from "node:stream";
import { extract, type Header } from "tar-stream";

/*
 * Reads layers as image-layer.md of the OCI image spec says, apart from the code that is tested: what two builders made is
 * compared by what a third one would see.
 */

/** Text of this length is shown as it is, longer or binary content by its digest. */
const SHOWN_CHARACTERS = 200;

/** One file of a root file system. Names of the same file share one object. */
interface Entry {
  readonly header: Header;
  readonly content: string;
  readonly attributes: string;
}

/** A root file system by absolute path; "/" is the root itself. */
export type FileTree = Map<string, Entry>;

/** The tree of a stack of layers, uncompressed tars, the lowest first. */
export async function readLayers(layers: readonly Readable[]): Promise<FileTree> {
  const tree: FileTree = new Map();
  for (const layer of layers) applyLayer(tree, await readEntries(layer));
  return tree;
}

async function readEntries(layer: Readable): Promise<{ path: string; entry: Entry }[]> {
  const entries: { path: string; entry: Entry }[] = [];
  const extraction = extract();
  layer.pipe(extraction as unknown as NodeJS.WritableStream);
  for await (const item of extraction) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of item as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
    const { header } = item;
    const entry = { header, content: describe(Buffer.concat(chunks)), attributes: attributesOf(header) };
    entries.push({ path: path.posix.join("/", header.name).replace(/(.)\/$/, "$1"), entry });
  }
  return entries;
}

function applyLayer(tree: FileTree, entries: readonly { path: string; entry: Entry }[]): void {
  for (const { path: name } of entries) {
    const base = path.posix.basename(name);
    const parent = path.posix.dirname(name);
    if (base === ".wh..wh..opq") removeBelow(tree, parent);
    else if (base.startsWith(".wh.")) remove(tree, path.posix.join(parent, base.slice(".wh.".length)));
  }
  for (const { path: name, entry } of entries) {
    if (path.posix.basename(name).startsWith(".wh.")) continue;
    const before = tree.get(name);
    if (before && before.header.type === "directory" && entry.header.type !== "directory") remove(tree, name);
    const target = path.posix.join("/", entry.header.linkname ?? "");
    const linked = entry.header.type === "link" ? tree.get(target) : entry;
    if (!linked) throw new Error(`${name} is a hard link to ${target}, which is not there`);
    tree.set(name, linked);
  }
}

function remove(tree: FileTree, name: string): void {
  tree.delete(name);
  removeBelow(tree, name);
}

function removeBelow(tree: FileTree, directory: string): void {
  const prefix = directory === "/" ? "/" : `${directory}/`;
  for (const name of [...tree.keys()]) if (name.startsWith(prefix) && name !== "/") tree.delete(name);
}

function describe(content: Buffer): string {
  const text = content.toString("utf8");
  const isShort = content.byteLength <= SHOWN_CHARACTERS && /^[\n\t\x20-\x7e]*$/.test(text);
  if (isShort) return JSON.stringify(text);
  return `${content.byteLength} bytes sha256:${createHash("sha256").update(content).digest("hex")}`;
}

function attributesOf(header: Header): string {
  return Object.entries(header.pax ?? {})
    .filter(([key]) => key.startsWith("SCHILY.xattr."))
    .map(([key, value]) => ` ${key.slice("SCHILY.xattr.".length)}=${Buffer.from(value).toString("hex")}`)
    .sort()
    .join("");
}

/**
 * What a tree adds to another one, changes and takes away: one line per path. Times since `startedSeconds` are "now":
 * that both sides have made the file anew is all that can be compared.
 */
export function changes(base: FileTree, tree: FileTree, startedSeconds: number): Record<string, string> {
  const before = lines(base, startedSeconds);
  const after = lines(tree, startedSeconds);
  const changed: Record<string, string> = {};
  for (const name of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const line = after.get(name);
    if (line !== before.get(name)) changed[name] = line ?? "removed";
  }
  return changed;
}

function lines(tree: FileTree, startedSeconds: number): Map<string, string> {
  const firstNames = new Map<Entry, string>();
  const all = new Map<string, string>();
  for (const name of [...tree.keys()].sort()) {
    const entry = tree.get(name) as Entry;
    const first = firstNames.get(entry);
    firstNames.set(entry, first ?? name);
    all.set(name, lineOf(entry, startedSeconds) + (first === undefined ? "" : ` = ${first}`));
  }
  return all;
}

function lineOf({ header, content, attributes }: Entry, startedSeconds: number): string {
  const seconds = Math.floor((header.mtime?.getTime() ?? 0) / 1000);
  const time = seconds >= startedSeconds ? "now" : String(seconds);
  const mode = ((header.mode ?? 0) & 0o7777).toString(8).padStart(4, "0");
  const { uid = 0, gid = 0, type } = header;
  const what =
    type === "symlink"
      ? ` → ${header.linkname}`
      : type === "file" || type === "contiguous-file"
        ? ` ${content}`
        : "";
  // Modes of symbolic links mean nothing.
  return `${type} ${type === "symlink" ? "" : `${mode} `}${uid}:${gid} ${time}${what}${attributes}`;
}
