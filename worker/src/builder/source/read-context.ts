import { closeSync, openSync, writeSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import path from "node:path";
import { IgnoreFile } from "@slipway/dockerfile";
import { SlipwayError } from "@slipway/protocol";
import type { Header } from "tar-stream";
import { Digester } from "../../content/digest.ts";
import { asTarError, TarProblem } from "../../layer/apply.ts";
import { entryPath, tarEntries } from "../../layer/tar-reader.ts";
import type { ContextLimits } from "../builder.ts";
import { ContextTree } from "./context-tree.ts";

/** Longest path of a context entry, characters. */
const MAX_PATH_CHARACTERS = 4096;
const IGNORE_FILE = ".dockerignore";

/**
 * Reads a context tar into a tree, its bytes into numbered files of `directory`, each with its digest. Rejects with
 * `context-too-large` and `context-invalid`. The caller removes the directory.
 */
export async function readContext(
  tar: AsyncIterable<Uint8Array>,
  directory: string,
  limits: ContextLimits,
  signal: AbortSignal,
): Promise<ContextTree> {
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const reader = new ContextReader(directory, limits);
  try {
    for await (const { header, content } of tarEntries(tar, signal)) await reader.take(header, content);
  } catch (error) {
    signal.throwIfAborted();
    throw asTarError(error, "The build context");
  }
  return reader.tree;
}

/**
 * Leaves out what the context's ignore file names: `<Dockerfile>.dockerignore` where it exists, else `.dockerignore`.
 * The Dockerfile itself has been read before.
 */
export function applyIgnoreFile(tree: ContextTree, dockerfile: string): void {
  const text = tree.text(`${dockerfile}.dockerignore`) ?? tree.text(IGNORE_FILE);
  if (text !== null) tree.ignore(new IgnoreFile(text));
}

class ContextReader {
  readonly tree = new ContextTree();
  readonly #directory: string;
  readonly #limits: ContextLimits;
  #entries = 0;
  #bytes = 0;

  constructor(directory: string, limits: ContextLimits) {
    this.#directory = directory;
    this.#limits = limits;
  }

  async take(header: Header, content: AsyncIterable<Uint8Array>): Promise<void> {
    this.#count(header);
    const name = entryPath(header.name);
    if (name === null || name.length > MAX_PATH_CHARACTERS)
      throw refused("has a path that leads out of it", header);
    if (name === "") return;
    const common = { mtimeSeconds: Math.floor(header.mtime.getTime() / 1000), mode: header.mode & 0o7777 };
    const nothing = { sizeBytes: 0, target: "", digest: "", content: "" };
    switch (header.type) {
      case "directory":
        return this.#add(name, header, { ...common, ...nothing, kind: "directory" });
      case "symlink":
        return this.#add(name, header, { ...common, ...nothing, kind: "symlink", target: header.linkname });
      case "link": {
        const target = entryPath(header.linkname);
        const first = target === null ? null : this.tree.entry(target);
        if (first?.kind !== "file") throw refused("has a hard link to what is no file of it", header);
        return this.#add(name, header, first);
      }
      case "file":
      case "contiguous-file":
        return this.#add(name, header, {
          ...common,
          ...nothing,
          kind: "file",
          ...(await this.#store(content)),
        });
      default:
        throw refused(`has an entry that is not allowed (${header.type})`, header);
    }
  }

  #add(name: string, header: Header, entry: Parameters<ContextTree["add"]>[1]): void {
    if (!this.tree.add(name, entry)) throw refused("has a path through what is no directory", header);
  }

  #count(header: Header): void {
    const { maxEntries, maxBytes } = this.#limits;
    this.#entries += 1;
    this.#bytes += header.size;
    if (this.#entries > maxEntries) throw tooLarge(`more than ${maxEntries} entries`, { maxEntries });
    if (this.#bytes > maxBytes) throw tooLarge(`more than ${maxBytes} bytes`, { maxBytes });
  }

  async #store(
    content: AsyncIterable<Uint8Array>,
  ): Promise<{ sizeBytes: number; digest: string; content: string }> {
    const file = path.join(this.#directory, String(this.#entries));
    const descriptor = openSync(file, "wx", 0o600);
    const digester = new Digester();
    try {
      for await (const chunk of content) {
        digester.update(chunk);
        for (let done = 0; done < chunk.byteLength; ) done += writeSync(descriptor, chunk, done);
      }
    } finally {
      closeSync(descriptor);
    }
    return { sizeBytes: digester.sizeBytes, digest: digester.digest(), content: file };
  }
}

function refused(why: string, header: Header): TarProblem {
  return new TarProblem(`${why}: "${header.name.slice(0, 200)}"`);
}

function tooLarge(what: string, params: Record<string, number>): SlipwayError {
  return new SlipwayError("context-too-large", `The build context has ${what}.`, { params });
}
