import { closeSync, createReadStream, mkdirSync, openSync, readSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import type { IgnoreFile, IgnoreRule } from "@slipway/dockerfile";
import { digestOf } from "../../content/digest.ts";
import { breath } from "./breath.ts";
import { resolveLinks } from "./resolve-links.ts";
import { parentOf, type SourceNode, type SourceTree } from "./source-tree.ts";

/** Files up to this size are read at once. */
const SMALL_FILE_BYTES = 256 * 1024;

/** One entry of a build context. Its names exist in memory only. */
export interface ContextEntry {
  readonly kind: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly mtimeSeconds: number;
  readonly sizeBytes: number;
  readonly target: string;
  readonly digest: string;
  /** Where a file's bytes are: a place in the pack, or the bytes of a small generated one. */
  readonly content: number | Uint8Array;
  /** True once a hard link gave the file a second name. */
  hasLinks: boolean;
}

/** A build context: names, links and modes as the person sent them, never as paths of this machine. */
export class ContextTree implements SourceTree {
  readonly #pack: string | null;
  #held: Uint8Array | null = null;
  #isWritten = false;
  readonly #entries = new Map<string, ContextEntry>();
  readonly #children = new Map<string, Set<string>>();
  readonly #ignored = new Map<string, IgnoreRule>();
  #nameCharacters = 0;

  /** `pack` is the path of the file that contents lie in. */
  constructor(pack: string | null = null) {
    this.#pack = pack;
    this.#entries.set("", directoryEntry(0));
  }

  /** Entries, with the directories that nobody named but others lie in. */
  get size(): number {
    return this.#entries.size - 1;
  }

  /** Sum of the lengths of all paths. */
  get nameCharacters(): number {
    return this.#nameCharacters;
  }

  /** Adds or replaces an entry, with the directories on the way. False when something else than a directory is there. */
  add(path: string, entry: ContextEntry): boolean {
    const missing: string[] = [];
    for (let above = parentOf(path); ; above = parentOf(above)) {
      const found = this.#entries.get(above);
      if (found && found.kind !== "directory") return false;
      if (found) break;
      missing.push(above);
    }
    const existing = this.#entries.get(path);
    if (
      existing &&
      existing.kind !== entry.kind &&
      (existing.kind === "directory" || entry.kind === "directory")
    )
      return false;
    for (const above of missing.reverse()) this.#set(above, directoryEntry(entry.mtimeSeconds));
    this.#set(path, entry);
    return true;
  }

  /** Adds a generated file. */
  addFile(path: string, content: Uint8Array, mode = 0o644, mtimeSeconds = 0): void {
    const sizeBytes = content.byteLength;
    const digest = digestOf(content);
    this.add(path, {
      kind: "file",
      mode,
      mtimeSeconds,
      sizeBytes,
      target: "",
      digest,
      content,
      hasLinks: false,
    });
  }

  /** Leaves out what `.dockerignore` says. Yields to others while it works; rejects with the signal's reason. */
  async ignore(file: IgnoreFile, signal?: AbortSignal): Promise<void> {
    const pause = breath(signal);
    const left: [string, IgnoreRule][] = [];
    const stack = this.names("").reverse();
    for (let path = stack.pop(); path !== undefined; path = stack.pop()) {
      await pause();
      const { ignored, rule } = file.judge(path);
      if (ignored && rule) left.push([path, rule]);
      // Below an ignored directory everything is ignored, unless something may be brought back.
      if (ignored && !file.hasExceptions) continue;
      for (const name of this.#children.get(path) ?? []) stack.push(`${path}/${name}`);
    }
    // Deepest first: a directory goes only when nothing in it was brought back.
    for (const [path, rule] of left.reverse()) {
      await pause();
      if (file.hasExceptions && (this.#children.get(path)?.size ?? 0) > 0) continue;
      this.#remove(path);
      this.#ignored.set(path, rule);
    }
  }

  /** The line of `.dockerignore` that left it out, or what it lies in; null for what was not left out. */
  ignoredBy(path: string): IgnoreRule | null {
    for (let above = path; above !== ""; above = parentOf(above)) {
      const rule = this.#ignored.get(above);
      if (rule) return rule;
    }
    return null;
  }

  entry(path: string): ContextEntry | null {
    return this.#entries.get(path) ?? null;
  }

  /** Text of a file, or null when there is no such file. */
  text(path: string): string | null {
    const resolved = this.resolve(path);
    const entry = resolved === null ? undefined : this.#entries.get(resolved);
    if (entry?.kind !== "file") return null;
    return Buffer.from(this.#bytes(entry)).toString("utf8");
  }

  lstat(path: string): SourceNode | null {
    const entry = this.#entries.get(path);
    if (!entry) return null;
    const { kind, mode, mtimeSeconds, sizeBytes, target, digest, content } = entry;
    return {
      kind,
      mode,
      uid: 0,
      gid: 0,
      mtimeSeconds,
      sizeBytes,
      target,
      inode: entry.hasLinks ? String(content) : null,
      stored: content,
      digest: async () => digest,
      content: () => this.#content(entry),
    };
  }

  names(path: string): string[] {
    return [...(this.#children.get(path) ?? [])].sort();
  }

  openPack(): number | null {
    return this.#pack === null ? null : openSync(this.#packPath(), "r");
  }

  /** The pack is these bytes; it becomes a file when somebody opens it. */
  holdPack(bytes: Uint8Array): void {
    this.#held = bytes;
  }

  openDirectory(): null {
    return null;
  }

  resolve(path: string): string | null {
    return resolveLinks(path, (resolved) => {
      const entry = this.#entries.get(resolved);
      if (!entry) return undefined;
      return entry.kind === "symlink" ? entry.target : null;
    });
  }

  #set(path: string, entry: ContextEntry): void {
    if (!this.#entries.has(path)) this.#nameCharacters += path.length;
    this.#entries.set(path, entry);
    const parent = parentOf(path);
    const children = this.#children.get(parent);
    const name = path.slice(parent === "" ? 0 : parent.length + 1);
    if (children) children.add(name);
    else this.#children.set(parent, new Set([name]));
  }

  /** Removes an entry and all below it. */
  #remove(path: string): void {
    const stack = [path];
    for (let next = stack.pop(); next !== undefined; next = stack.pop()) {
      for (const name of this.#children.get(next) ?? []) stack.push(`${next}/${name}`);
      this.#children.delete(next);
      this.#entries.delete(next);
    }
    const parent = parentOf(path);
    this.#children.get(parent)?.delete(path.slice(parent === "" ? 0 : parent.length + 1));
  }

  #content(entry: ContextEntry): AsyncIterable<Uint8Array> | Uint8Array {
    if (typeof entry.content !== "number") return entry.content;
    if (entry.sizeBytes <= SMALL_FILE_BYTES) return this.#bytes(entry);
    const start = entry.content;
    const end = start + entry.sizeBytes - 1;
    return createReadStream(this.#packPath(), { start, end, highWaterMark: SMALL_FILE_BYTES });
  }

  #bytes({ content, sizeBytes }: ContextEntry): Uint8Array {
    if (typeof content !== "number") return content;
    if (this.#held) return this.#held.subarray(content, content + sizeBytes);
    const bytes = Buffer.alloc(sizeBytes);
    const pack = openSync(this.#packPath(), "r");
    try {
      let length = 0;
      while (length < sizeBytes) {
        const count = readSync(pack, bytes, length, sizeBytes - length, content + length);
        if (count === 0) throw new Error("The pack of a context is shorter than its entries");
        length += count;
      }
      return bytes;
    } finally {
      closeSync(pack);
    }
  }

  #packPath(): string {
    if (this.#pack === null) throw new Error("The context has no pack");
    if (this.#held && !this.#isWritten) {
      mkdirSync(dirname(this.#pack), { recursive: true, mode: 0o700 });
      writeFileSync(this.#pack, this.#held, { flag: "wx", mode: 0o600 });
      this.#isWritten = true;
    }
    return this.#pack;
  }
}

function directoryEntry(mtimeSeconds: number): ContextEntry {
  const nothing = { sizeBytes: 0, target: "", digest: "", content: 0, hasLinks: false };
  return { kind: "directory", mode: 0o755, mtimeSeconds, ...nothing };
}
