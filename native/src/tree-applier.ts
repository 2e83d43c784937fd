import { type AddonApplier, addon } from "./addon.ts";

/** Owner, permission bits and modification time (seconds since 1970) of an entry, as they are to be on disk. */
export interface EntryMetadata {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
}

/* Numbers of TreeCall in addon/tree_applier.h. */
const DIRECTORY = 0;
const FILE = 1;
const CONTENT = 2;
const FILE_END = 3;
const SYMLINK = 4;
const HARD_LINK = 5;
const FIFO = 6;
const REMOVE = 7;
const EMPTY = 8;

/** Numbers of one step: call, mode, uid, gid, mtime, offset, length, bytes of the path, bytes of the text. */
const NUMBERS = 9;
const NONE: EntryMetadata = { mode: 0, uid: 0, gid: 0, mtimeSeconds: 0 };
const NO_TEXT = new Uint8Array(0);

/**
 * Steps for a TreeApplier, gathered so that thousands of them take one call. Paths are bytes, relative, without "." and
 * ".." ("." alone is the root). Content is given by where it lies in the bytes that come with the steps.
 */
export class TreeSteps {
  #numbers = new Float64Array(64 * NUMBERS);
  #count = 0;
  readonly #texts: Uint8Array[] = [];

  get count(): number {
    return this.#count;
  }

  directory(path: Uint8Array, metadata: EntryMetadata): void {
    this.#add(DIRECTORY, path, metadata);
  }

  /** Begins a file; `content` and `fileEnd` go with it. `capability` is its attribute security.capability. */
  file(path: Uint8Array, metadata: EntryMetadata, capability: Uint8Array = NO_TEXT): void {
    this.#add(FILE, path, metadata, capability);
  }

  content(offset: number, length: number): void {
    this.#add(CONTENT, NO_TEXT, NONE, NO_TEXT, offset, length);
  }

  fileEnd(): void {
    this.#add(FILE_END, NO_TEXT, NONE);
  }

  symlink(path: Uint8Array, target: Uint8Array, metadata: EntryMetadata): void {
    this.#add(SYMLINK, path, metadata, target);
  }

  /** A second name for what is at `target`, a path of the tree. */
  hardLink(path: Uint8Array, target: Uint8Array): void {
    this.#add(HARD_LINK, path, NONE, target);
  }

  fifo(path: Uint8Array, metadata: EntryMetadata): void {
    this.#add(FIFO, path, metadata);
  }

  /** Removes an entry and all below it; a missing one is no error. */
  remove(path: Uint8Array): void {
    this.#add(REMOVE, path, NONE);
  }

  /** Removes what is in a directory but for these names. A missing directory is no error. */
  empty(path: Uint8Array, kept: readonly Uint8Array[]): void {
    const separator = new Uint8Array(1);
    this.#add(EMPTY, path, NONE, Buffer.concat(kept.flatMap((name) => [name, separator])));
  }

  /** What the addon takes. */
  encoded(): { numbers: Float64Array; count: number; texts: Uint8Array } {
    return { numbers: this.#numbers, count: this.#count, texts: Buffer.concat(this.#texts) };
  }

  #add(
    call: number,
    path: Uint8Array,
    { mode, uid, gid, mtimeSeconds }: EntryMetadata,
    text: Uint8Array = NO_TEXT,
    offset = 0,
    length = 0,
  ): void {
    const start = this.#count * NUMBERS;
    if (start === this.#numbers.length) {
      const larger = new Float64Array(this.#numbers.length * 2);
      larger.set(this.#numbers);
      this.#numbers = larger;
    }
    const step = [call, mode, uid, gid, mtimeSeconds, offset, length, path.byteLength, text.byteLength];
    this.#numbers.set(step, start);
    this.#texts.push(path, text);
    this.#count += 1;
  }
}

export interface ApplierOptions {
  /**
   * Ids of steps are counted from this one, whose root also makes the entries: for file systems that know nobody else, such
   * as the root file system of a container, where others may write meanwhile.
   */
  readonly firstHostId?: number;
  /** A directory in the way of something else, and the other way round, fail: NativeError "apply", EISDIR or ENOTDIR. */
  readonly keepsKinds?: boolean;
}

/**
 * Writes entries below one directory, on threads of libuv's pool. The kernel resolves every path inside the directory,
 * whatever links are there; the last part of a path is never followed. What is in the way is replaced; a directory
 * stays and takes the new metadata; directories that are missing on the way are made (0755, root). Nobody else writes
 * to the tree meanwhile. One call at a time; they reject with NativeError, and what was written then stays.
 */
export class TreeApplier {
  readonly #applier: AddonApplier;

  /** `root` is the descriptor of a directory; it can be closed after the call. */
  constructor(root: number, { firstHostId, keepsKinds = false }: ApplierOptions = {}) {
    this.#applier = new addon.TreeApplier(root, firstHostId ?? -1, keepsKinds);
  }

  /** Neither the steps nor the bytes may change until it is done. */
  async apply(steps: TreeSteps, content: Uint8Array): Promise<void> {
    const { numbers, count, texts } = steps.encoded();
    await this.#applier.apply(numbers, count, texts, content);
  }

  /** Sets the times of directories, which each new entry has changed. */
  async finish(): Promise<void> {
    await this.#applier.finish();
  }

  /** Lets its descriptors go. */
  close(): void {
    this.#applier.close();
  }
}
