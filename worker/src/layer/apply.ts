import { SlipwayError } from "@slipway/protocol";
import type { Header } from "tar-stream";
import { asDiskError, errnoOf } from "../content/atomic-file.ts";
import { type LayerLimits, OPAQUE_WHITEOUT, WHITEOUT_PREFIX } from "./layer.ts";
import { entryPath, tarEntries } from "./tar-reader.ts";
import { type Metadata, TreeWriter } from "./tree-writer.ts";

export interface ApplyOptions {
  readonly limits: LayerLimits;
  /** "apply" carries whiteouts out, as for a layer; "keep" takes them for files, as for an archive of a person. */
  readonly whiteouts: "apply" | "keep";
  /** What an archive is called in errors. */
  readonly subject: string;
  readonly signal?: AbortSignal;
  /** Takes the place of the owners that the tar names. */
  readonly owner?: { readonly uid: number; readonly gid: number };
}

/**
 * Unpacks a tar below `root` (a directory or its descriptor, which is closed). The tar may be hostile: nothing outside
 * of `root` is read or written. Refuses device nodes, `..` and what is above the limits with `context-invalid`; what
 * was written until then stays, so the caller unpacks into something that it can throw away.
 */
export async function applyTar(
  tar: AsyncIterable<Uint8Array>,
  root: string | number,
  options: ApplyOptions,
): Promise<void> {
  const writer = new TreeWriter(root);
  const applier = new Applier(writer, options);
  try {
    for await (const { header, content } of tarEntries(tar, options.signal))
      await applier.take(header, content);
  } catch (error) {
    writer.abandon();
    options.signal?.throwIfAborted();
    throw asTarError(error, options.subject);
  }
  writer.close();
}

class Applier {
  readonly #writer: TreeWriter;
  readonly #options: ApplyOptions;
  /** Paths that this tar wrote: an opaque whiteout does not remove them. */
  readonly #written = new Set<string>();
  #entries = 0;
  #bytes = 0;

  constructor(writer: TreeWriter, options: ApplyOptions) {
    this.#writer = writer;
    this.#options = options;
  }

  async take(header: Header, content: AsyncIterable<Uint8Array>): Promise<void> {
    this.#count(header);
    const path = entryPath(header.name);
    if (path === null) throw invalid(`leads out of the archive: "${shown(header.name)}"`);
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (this.#options.whiteouts === "apply" && name.startsWith(WHITEOUT_PREFIX)) {
      this.#whiteout(path, name);
    } else if (path !== "") {
      await this.#write(path, header, content);
      for (let known = path; known !== ""; known = known.slice(0, Math.max(0, known.lastIndexOf("/")))) {
        if (this.#written.has(known)) break;
        this.#written.add(known);
      }
    }
  }

  #count(header: Header): void {
    const { maxEntries, maxBytes } = this.#options.limits;
    this.#entries += 1;
    this.#bytes += header.size;
    if (this.#entries > maxEntries) throw new TarTooLarge(`has more than ${maxEntries} entries`);
    if (this.#bytes > maxBytes) throw new TarTooLarge(`unpacks to more than ${maxBytes} bytes`);
  }

  #whiteout(path: string, name: string): void {
    const directory = path.slice(0, Math.max(0, path.lastIndexOf("/")));
    const prefix = directory === "" ? "" : `${directory}/`;
    if (name === OPAQUE_WHITEOUT) {
      for (const child of this.#writer.names(directory === "" ? "." : directory)) {
        if (!this.#written.has(prefix + child)) this.#writer.remove(prefix + child);
      }
      return;
    }
    const removed = name.slice(WHITEOUT_PREFIX.length);
    if (removed === "" || removed === "." || removed === "..")
      throw invalid(`has the whiteout "${shown(name)}"`);
    if (!this.#written.has(prefix + removed)) this.#writer.remove(prefix + removed);
  }

  async #write(path: string, header: Header, content: AsyncIterable<Uint8Array>): Promise<void> {
    const metadata = { ...metadataOf(header), ...this.#options.owner };
    switch (header.type) {
      case "directory":
        return this.#writer.directory(path, metadata);
      case "file":
      case "contiguous-file":
        return this.#writer.file(path, metadata, content);
      case "symlink":
        if (!header.linkname) throw invalid(`has a link without a target: "${shown(path)}"`);
        return this.#writer.symbolicLink(path, header.linkname, metadata);
      case "link":
        return this.#hardLink(path, header.linkname);
      case "fifo":
        return this.#writer.fifo(path, metadata);
      default:
        throw invalid(`has an entry that is not allowed (${header.type}): "${shown(path)}"`);
    }
  }

  #hardLink(path: string, linkName: string): void {
    const target = entryPath(linkName);
    if (target === null || target === "")
      throw invalid(`has a link out of the archive: "${shown(linkName)}"`);
    if (target !== path) this.#writer.hardLink(path, target);
  }
}

const CAPABILITY_RECORD = "SCHILY.xattr.security.capability";

function metadataOf(header: Header): Metadata {
  // tar-stream reads records as UTF-8; a capability set that is no UTF-8 (one above bit 6 of a byte) is lost.
  const capability = recordsOf(header)[CAPABILITY_RECORD];
  return {
    ...(capability && !capability.includes("\uFFFD") ? { capability: Buffer.from(capability) } : {}),
    mode: header.mode & 0o7777,
    uid: header.uid,
    gid: header.gid,
    mtimeSeconds: Math.floor(header.mtime.getTime() / 1000),
  };
}

function recordsOf(header: Header): Record<string, string> {
  return (header.pax ?? {}) as Record<string, string>;
}

const shown = (name: string): string => name.slice(0, 200);

/** Something about an archive that its maker is to hear. */
export class TarProblem extends Error {}

/** An archive is above the limits. */
export class TarTooLarge extends TarProblem {}

const invalid = (what: string): TarProblem => new TarProblem(what);

/** Errors that the archive's content causes: bad paths, links in circles, names that are too long. */
const CONTENT_ERRNOS = new Set([
  "ENOENT",
  "ENOTDIR",
  "ELOOP",
  "ENAMETOOLONG",
  "EXDEV",
  "EISDIR",
  "EMLINK",
  "EINVAL",
  "EPERM",
]);

/** Codes of system calls; others (`STREAM_DESTROYED`) are those of the reader that gave up. */
const SYSTEM_ERROR = /^E[A-Z0-9]+$/;

export function asTarError(error: unknown, subject: string): unknown {
  if (error instanceof SlipwayError) return error;
  const errno = errnoOf(error);
  if (errno === "ENOSPC" || errno === "EDQUOT") return asDiskError(error);
  if (
    error instanceof TarProblem ||
    errno === null ||
    CONTENT_ERRNOS.has(errno) ||
    !SYSTEM_ERROR.test(errno)
  ) {
    const reason = error instanceof Error ? error.message : String(error);
    const message =
      error instanceof TarProblem ? `${subject} ${reason}.` : `${subject} can't be unpacked: ${reason}.`;
    return new SlipwayError("context-invalid", message, { params: { reason }, cause: error });
  }
  return error;
}
