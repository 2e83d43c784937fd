import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  createReadStream,
  fchmodSync,
  fchownSync,
  fstatSync,
  openSync,
  write,
} from "node:fs";
import { lstat, opendir } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { type MappedRange, NativeError, openInRoot, renameAt, unlinkAt } from "@slipway/native";
import {
  type ContainerEntry,
  type ContainerListing,
  MAX_DOWNLOAD_BYTES,
  MAX_DOWNLOAD_ENTRIES,
  MAX_LISTED_ENTRIES,
  SlipwayError,
} from "@slipway/protocol";
import { bytesOf, nameOf, procPath } from "../../layer/name-bytes.ts";
import type { ContainerDownload, ContainerFiles, DownloadLimits, UploadSize } from "./container-files.ts";
import {
  invalid,
  named,
  openDirectoryAt,
  openPlace,
  pathError,
  pathInside,
  splitPath,
  using,
} from "./container-paths.ts";
import { checkTree, packedTree } from "./packed-tree.ts";
import { downloadTooLarge, uploadTooLarge } from "./size-errors.ts";

/** A new file of nobody's: not to be run, and read by all. */
const NEW_FILE_MODE = 0o644;
const MODE_BITS = 0o777;
/** Begins the name of a file that is not whole yet. */
const PARTIAL_PREFIX = ".slipway-upload-";

export interface MainFilesOptions {
  /** Where the container's root file system is mounted on this machine. */
  readonly rootfs: string;
  /** The container's, outside. */
  readonly ids: MappedRange;
  readonly limits?: DownloadLimits;
}

/** The files of a container whose root file system is mounted on this machine. */
export class MainFiles implements ContainerFiles {
  readonly #rootfs: string;
  readonly #ids: MappedRange;
  readonly #limits: DownloadLimits;

  constructor(options: MainFilesOptions) {
    this.#rootfs = options.rootfs;
    this.#ids = options.ids;
    this.#limits = options.limits ?? { maxBytes: MAX_DOWNLOAD_BYTES, maxEntries: MAX_DOWNLOAD_ENTRIES };
  }

  async list(where: string): Promise<ContainerListing> {
    const directory = openDirectoryAt(this.#rootfs, where, false);
    try {
      const real = pathInside(this.#rootfs, directory) ?? where;
      const { names, cut } = await namesIn(directory);
      const looked = await Promise.all(names.map((name) => this.#look(directory, real, name)));
      return { path: real, entries: looked.filter((entry) => entry !== null), cut };
    } finally {
      closeSync(directory);
    }
  }

  async read(where: string): Promise<ContainerDownload> {
    const place = openPlace(this.#rootfs, where);
    const name = path.posix.basename(where) || "root";
    try {
      const facts = fstatSync(place);
      if (facts.isDirectory()) {
        return { kind: "tar", name, sizeBytes: null, content: await this.#pack(where, place, name) };
      }
      // Opening a pipe would wait for somebody to write, opening a device do who knows what.
      if (!facts.isFile()) throw invalid(where);
      const { maxBytes } = this.#limits;
      if (facts.size > maxBytes) throw downloadTooLarge(this.#limits);
      if (facts.size === 0) return { kind: "file", name, sizeBytes: 0, content: Readable.from([]) };
      const fd = openSync(`/proc/self/fd/${place}`, constants.O_RDONLY);
      const content = createReadStream("", { fd, start: 0, end: facts.size - 1 });
      return { kind: "file", name, sizeBytes: facts.size, content };
    } finally {
      closeSync(place);
    }
  }

  async write(where: string, content: Readable, { sizeBytes, maxBytes }: UploadSize): Promise<void> {
    if (sizeBytes > maxBytes) throw uploadTooLarge(maxBytes);
    const { directory, name } = splitPath(where);
    const parent = openDirectoryAt(this.#rootfs, directory, true);
    const partial = PARTIAL_PREFIX + randomBytes(9).toString("hex");
    try {
      const owner = fstatSync(parent);
      const old = await lstat(procPath(parent, name)).catch(() => null);
      if (old?.isDirectory()) throw invalid(where);
      const kept = old?.isFile() ? old : null;
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
      const fd = named(where, () =>
        openInRoot(parent, partial, flags, 0o600, { owner: this.#ids.firstHostId }),
      );
      try {
        await writeExactly(fd, content, sizeBytes);
        fchownSync(fd, kept?.uid ?? owner.uid, kept?.gid ?? owner.gid);
        fchmodSync(fd, (kept?.mode ?? NEW_FILE_MODE) & MODE_BITS);
        renameAt(parent, partial, parent, bytesOf(name));
      } catch (error) {
        unlinkAt(parent, partial);
        throw pathError(where, error);
      } finally {
        closeSync(fd);
      }
    } finally {
      closeSync(parent);
    }
  }

  async makeDirectory(where: string): Promise<void> {
    closeSync(openDirectoryAt(this.#rootfs, where, true));
  }

  /** Too much is refused before a byte is sent. */
  async #pack(where: string, place: number, name: string): Promise<Readable> {
    const directory = openSync(`/proc/self/fd/${place}`, constants.O_RDONLY | constants.O_DIRECTORY);
    try {
      const tree = { directory, name: ".", as: Buffer.from(name).toString(), ids: this.#ids };
      await checkTree(tree, this.#limits);
      return packedTree(tree, this.#limits);
    } catch (error) {
      const isTooMuch = error instanceof NativeError && (error.code === "E2BIG" || error.code === "EFBIG");
      throw isTooMuch ? downloadTooLarge(this.#limits) : pathError(where, error);
    } finally {
      closeSync(directory);
    }
  }

  /** Null for what has gone meanwhile. */
  async #look(directory: number, parent: string, name: string): Promise<ContainerEntry | null> {
    const own = await lstat(procPath(directory, name)).catch(() => null);
    if (own === null) return null;
    if (!own.isSymbolicLink()) return { name, ...kindOf(own), linked: false };
    try {
      return using(openPlace(this.#rootfs, path.posix.join(parent, name)), (place) => ({
        name,
        ...kindOf(fstatSync(place)),
        linked: true,
      }));
    } catch {
      return { name, kind: "link", sizeBytes: 0, linked: true };
    }
  }
}

async function namesIn(directory: number): Promise<{ names: string[]; cut: boolean }> {
  const names: string[] = [];
  // The type of Node's own declaration knows names as text only.
  const options = { encoding: "buffer" as BufferEncoding };
  for await (const entry of await opendir(`/proc/self/fd/${directory}`, options)) {
    if (names.length === MAX_LISTED_ENTRIES) return { names, cut: true };
    names.push(nameOf(entry.name as unknown as Buffer));
  }
  return { names, cut: false };
}

interface Facts {
  isDirectory(): boolean;
  isFile(): boolean;
  readonly size: number;
}

function kindOf(facts: Facts): Pick<ContainerEntry, "kind" | "sizeBytes"> {
  if (facts.isDirectory()) return { kind: "directory", sizeBytes: 0 };
  return facts.isFile() ? { kind: "file", sizeBytes: facts.size } : { kind: "other", sizeBytes: 0 };
}

const writeAt = promisify(write);

/** Writes what comes to an open file. @throws request-invalid for other bytes than these many */
async function writeExactly(fd: number, content: Readable, sizeBytes: number): Promise<void> {
  let bytes = 0;
  for await (const chunk of content) {
    const piece = chunk as Buffer;
    if (bytes + piece.byteLength > sizeBytes) throw otherSize();
    for (let at = 0; at < piece.byteLength; ) {
      const { bytesWritten } = await writeAt(fd, piece, at, piece.byteLength - at, null);
      at += bytesWritten;
    }
    bytes += piece.byteLength;
  }
  if (bytes < sizeBytes) throw otherSize();
}

const otherSize = () => new SlipwayError("request-invalid", "An upload is of another size than it said.");
