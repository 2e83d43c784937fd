import { type AddonPacker, addon } from "./addon.ts";
import type { MappedRange } from "./mounts.ts";

export interface PackOptions {
  /** Descriptors of the upper directory and of those below, the topmost first; they can be closed after the call. */
  readonly upper: number;
  readonly lowers: readonly number[];
  /** Sum of the files' sizes. */
  readonly maxBytes: number;
  readonly maxEntries: number;
  /** Each chunk but the last has at least this size, and little more. */
  readonly chunkBytes: number;
  /** A tree as its container sees it, in place of an upper directory; see `LiveTree`. */
  readonly live?: LiveTree;
  /**
   * In place of a tar `A`, `C` or `D` (added, changed, deleted) and the path of each entry, a NUL behind each. What a tar would hold is
   * counted against the limits all the same.
   */
  readonly lists?: boolean;
}

/**
 * One entry of `upper` with all below it, while others may write there: what goes away meanwhile is left out, and a file that
 * is cut is filled up with zeros. No name means anything but itself.
 */
export interface LiveTree {
  /** Name in the directory, "." for the directory itself; "" for all that is in it, and `as` means nothing then. */
  readonly name: string;
  /** What it is called in the tar. */
  readonly as: string;
  /** Whose ids are 0 … size - 1 in the tar. */
  readonly ids: MappedRange;
}

export interface PackTotals {
  /** Sum of the sizes of files. */
  readonly bytesAdded: number;
  /** Entries by what they do to what lies below, but for directories that are there as well. */
  readonly added: number;
  readonly changed: number;
  readonly removed: number;
}

/**
 * An overlayfs upper directory that nobody writes to any more, as a tar: parents first, then by bytes of the name,
 * whiteouts as `.wh.` files. The same tree gives the same bytes. Reading happens on threads of libuv's pool, one chunk
 * ahead of what is taken. Rejects with NativeError; its syscall is "pack" for what no layer can hold: EINVAL for a name
 * that starts with ".wh.", EXDEV for a directory that was renamed in place, ELOOP for too many in each other, E2BIG and
 * EFBIG for too many entries and bytes.
 */
export class LayerPacker {
  readonly #packer: AddonPacker;
  readonly #chunkBytes: number;

  constructor(options: PackOptions) {
    const { upper, lowers, maxBytes, maxEntries, lists = false, live } = options;
    const tree = live
      ? { name: live.name, as: live.as, firstId: live.ids.firstHostId, idCount: live.ids.size }
      : null;
    this.#packer = new addon.LayerPacker(upper, lowers, maxBytes, maxEntries, lists, tree);
    this.#chunkBytes = options.chunkBytes;
  }

  /** The tar, once; nothing at all for an empty directory. */
  async *chunks(): AsyncGenerator<Uint8Array, void, undefined> {
    let next = this.#next();
    try {
      for (let chunk = await next; chunk !== null; chunk = await next) {
        next = this.#next();
        yield chunk;
      }
    } finally {
      // Whoever stops early leaves a read under way.
      await next.catch(() => undefined);
    }
  }

  #next(): Promise<Uint8Array | null> {
    const next = this.#packer.next(this.#chunkBytes);
    // It is awaited later, perhaps after it has failed, or by nobody.
    next.catch(() => undefined);
    return next;
  }

  /** Of what was packed so far. */
  totals(): PackTotals {
    return this.#packer.totals();
  }

  /** Lets its descriptors go. */
  close(): void {
    this.#packer.close();
  }
}
