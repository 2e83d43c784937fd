import type { ImageComparison, ImageDifference } from "@slipway/protocol";
import { finalEntries, type Present } from "./layer-changes.ts";
import { sortKey, type WalkedEntry, walkLayer } from "./layer-walk.ts";
import { isSameContent } from "./same-content.ts";

/** Bytes of files of the same size that one comparison reads. */
const MAX_READ_BYTES = 1024 ** 3;

/** Two images by the directories of their unpacked layers, the lowest first. */
export interface ComparedLayers {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/**
 * Lays both images' layers on top of each other side by side and tells what differs, in the order of `sortKey`; null where a
 * path is the same, so that a caller can give way. Times are no difference. The result says what it came to.
 */
export async function* imageDifferences(
  layers: ComparedLayers,
): AsyncGenerator<ImageDifference | null, ImageComparison> {
  const comparison = emptyComparison(layers);
  const before = new Cursor(finalEntries(layers.before.map(walkLayer)));
  const after = new Cursor(finalEntries(layers.after.map(walkLayer)));
  const same = new SameFiles(layers, comparison);
  while (before.present !== null || after.present !== null) {
    const [left, right] = [before.take(after.key), after.take(before.key)];
    if (left !== null) before.advance();
    if (right !== null) after.advance();
    const isDifferent = left === null || right === null || !(await same.areSame(left, right));
    if (!isDifferent) yield null;
    else {
      const difference = differenceOf(left?.entry ?? null, right?.entry ?? null);
      count(comparison, difference);
      yield difference;
    }
  }
  return comparison;
}

function emptyComparison({ before, after }: ComparedLayers): ImageComparison {
  let sharedLayers = 0;
  while (sharedLayers < before.length && before[sharedLayers] === after[sharedLayers]) sharedLayers += 1;
  return {
    sharedLayers,
    layersBefore: before.length,
    layersAfter: after.length,
    added: { paths: 0, bytes: 0 },
    removed: { paths: 0, bytes: 0 },
    changed: { paths: 0, bytesBefore: 0, bytesAfter: 0 },
    uncompared: 0,
  };
}

/** Goes through the entries of one image. */
class Cursor {
  readonly #entries: Iterator<Present | null>;
  present: Present | null = null;
  key: string | null = null;

  constructor(entries: Iterator<Present | null>) {
    this.#entries = entries;
    this.advance();
  }

  advance(): void {
    let next = this.#entries.next();
    while (!next.done && next.value === null) next = this.#entries.next();
    this.present = next.done ? null : next.value;
    this.key = this.present && sortKey(this.present.entry.path);
  }

  /** What is here, unless the other image comes to an earlier path first. */
  take(other: string | null): Present | null {
    if (this.key === null) return null;
    return other === null || this.key <= other ? this.present : null;
  }
}

/** Tells what is the same; files in layers of both are not looked at. */
class SameFiles {
  readonly #layers: ComparedLayers;
  readonly #comparison: ImageComparison;
  #readBytes = 0;

  constructor(layers: ComparedLayers, comparison: ImageComparison) {
    this.#layers = layers;
    this.#comparison = comparison;
  }

  async areSame(left: Present, right: Present): Promise<boolean> {
    if (left.layer === right.layer && left.layer < this.#comparison.sharedLayers) return true;
    if (!hasSameFacts(left.entry, right.entry)) return false;
    const { kind, path, sizeBytes } = left.entry;
    if (kind !== "file" || sizeBytes === 0) return true;
    this.#readBytes += sizeBytes;
    if (this.#readBytes > MAX_READ_BYTES) {
      this.#comparison.uncompared += 1;
      return true;
    }
    const [one, two] = [this.#layers.before[left.layer], this.#layers.after[right.layer]];
    if (one === undefined || two === undefined) return false;
    return await isSameContent({ directory: one, path }, { directory: two, path }, sizeBytes);
  }
}

const hasSameFacts = (left: WalkedEntry, right: WalkedEntry): boolean =>
  left.kind === right.kind &&
  left.sizeBytes === right.sizeBytes &&
  left.mode === right.mode &&
  left.uid === right.uid &&
  left.gid === right.gid &&
  left.target === right.target;

function differenceOf(before: WalkedEntry | null, after: WalkedEntry | null): ImageDifference {
  const { path, kind } = (after ?? before) as WalkedEntry;
  return {
    path,
    kind,
    change: before === null ? "added" : after === null ? "removed" : "changed",
    bytesBefore: before?.sizeBytes ?? null,
    bytesAfter: after?.sizeBytes ?? null,
  };
}

function count({ added, removed, changed }: ImageComparison, difference: ImageDifference): void {
  const { change, bytesBefore, bytesAfter } = difference;
  if (change === "changed") {
    changed.paths += 1;
    changed.bytesBefore += bytesBefore ?? 0;
    changed.bytesAfter += bytesAfter ?? 0;
    return;
  }
  const total = change === "added" ? added : removed;
  total.paths += 1;
  total.bytes += bytesBefore ?? bytesAfter ?? 0;
}
