import { createReadStream, readFileSync } from "node:fs";
import type { IgnoreFile } from "@slipway/dockerfile";
import { digestOf } from "../../content/digest.ts";
import type { SourceNode, SourceTree } from "./source-tree.ts";

/** Symbolic links that are followed on one path; the kernel's own bound. */
const MAX_LINKS = 40;
/** Files up to this size are read at once. */
const SMALL_FILE_BYTES = 256 * 1024;

/** One entry of a build context. Its names exist in memory only; content lies in a file that has a number for a name. */
export interface ContextEntry {
  readonly kind: "file" | "directory" | "symlink";
  readonly mode: number;
  readonly mtimeSeconds: number;
  readonly sizeBytes: number;
  readonly target: string;
  readonly digest: string;
  /** Where a file's bytes are; inline bytes for small generated ones. */
  readonly content: string | Uint8Array;
}

/** A build context: names, links and modes as the person sent them, never as paths of this machine. */
export class ContextTree implements SourceTree {
  readonly #entries = new Map<string, ContextEntry>();
  readonly #children = new Map<string, Set<string>>();
  readonly #ignored = new Set<string>();

  constructor() {
    this.#entries.set("", directoryEntry(0));
  }

  /** Adds or replaces an entry, with the directories on the way. False when something else than a directory is there. */
  add(path: string, entry: ContextEntry): boolean {
    const parent = parentOf(path);
    const above = this.#entries.get(parent);
    if (above && above.kind !== "directory") return false;
    if (!above && !this.add(parent, directoryEntry(entry.mtimeSeconds))) return false;
    const existing = this.#entries.get(path);
    if (existing?.kind === "directory" && entry.kind !== "directory") return false;
    this.#entries.set(path, entry);
    const children = this.#children.get(parent) ?? new Set();
    children.add(path.slice(parent === "" ? 0 : parent.length + 1));
    this.#children.set(parent, children);
    return true;
  }

  /** Adds a generated file. */
  addFile(path: string, content: Uint8Array, mode = 0o644): void {
    const sizeBytes = content.byteLength;
    this.add(path, {
      kind: "file",
      mode,
      mtimeSeconds: 0,
      sizeBytes,
      target: "",
      digest: digestOf(content),
      content,
    });
  }

  /** Leaves out what `.dockerignore` says. */
  ignore(file: IgnoreFile): void {
    const paths = [...this.#entries.keys()].filter((path) => path !== "" && file.ignores(path));
    // Deepest first: a directory goes only when nothing in it was brought back.
    for (const path of paths.sort((left, right) => right.length - left.length)) {
      if ((this.#children.get(path)?.size ?? 0) > 0) continue;
      this.#entries.delete(path);
      this.#children.delete(path);
      const parent = parentOf(path);
      this.#children.get(parent)?.delete(path.slice(parent === "" ? 0 : parent.length + 1));
      this.#ignored.add(path);
    }
  }

  /** True when `.dockerignore` left it out. */
  wasIgnored(path: string): boolean {
    return this.#ignored.has(path);
  }

  entry(path: string): ContextEntry | null {
    return this.#entries.get(path) ?? null;
  }

  /** Text of a file, or null when there is no such file. */
  text(path: string): string | null {
    const resolved = this.resolve(path);
    const entry = resolved === null ? undefined : this.#entries.get(resolved);
    if (entry?.kind !== "file") return null;
    const bytes = typeof entry.content === "string" ? readFileSync(entry.content) : entry.content;
    return Buffer.from(bytes).toString("utf8");
  }

  lstat(path: string): SourceNode | null {
    const entry = this.#entries.get(path);
    if (!entry) return null;
    return {
      kind: entry.kind,
      mode: entry.mode,
      uid: 0,
      gid: 0,
      mtimeSeconds: entry.mtimeSeconds,
      sizeBytes: entry.sizeBytes,
      target: entry.target,
      digest: async () => entry.digest,
      content: () => contentOf(entry),
    };
  }

  names(path: string): string[] {
    return [...(this.#children.get(path) ?? [])].sort();
  }

  resolve(path: string): string | null {
    const rest = path.split("/").reverse();
    let resolved = "";
    let links = 0;
    for (let part = rest.pop(); part !== undefined; part = rest.pop()) {
      if (part === "" || part === ".") continue;
      if (part === "..") {
        resolved = parentOf(resolved);
        continue;
      }
      const next = resolved === "" ? part : `${resolved}/${part}`;
      const entry = this.#entries.get(next);
      if (!entry) return null;
      if (entry.kind !== "symlink") {
        resolved = next;
        continue;
      }
      links += 1;
      if (links > MAX_LINKS) return null;
      if (entry.target.startsWith("/")) resolved = "";
      rest.push(...entry.target.split("/").reverse());
    }
    return resolved;
  }
}

function contentOf(entry: ContextEntry): AsyncIterable<Uint8Array> | Uint8Array {
  if (typeof entry.content !== "string") return entry.content;
  if (entry.sizeBytes <= SMALL_FILE_BYTES) return readFileSync(entry.content);
  return createReadStream(entry.content, { highWaterMark: SMALL_FILE_BYTES });
}

function directoryEntry(mtimeSeconds: number): ContextEntry {
  return { kind: "directory", mode: 0o755, mtimeSeconds, sizeBytes: 0, target: "", digest: "", content: "" };
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf("/")));
}
