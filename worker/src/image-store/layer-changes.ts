import type { LayerEntry } from "@slipway/protocol";
import { sortKey, type WalkedEntry } from "./layer-walk.ts";

/** What one layer does to one path. */
export interface LayerChange {
  /** 0 is the lowest. */
  readonly layer: number;
  readonly entry: LayerEntry;
}

export interface LayerTotals {
  sizeBytes: number;
  added: number;
  changed: number;
  removed: number;
  /** Bytes of this layer that a later one replaces or removes. */
  wastedBytes: number;
}

export const emptyTotals = (): LayerTotals => ({
  sizeBytes: 0,
  added: 0,
  changed: 0,
  removed: 0,
  wastedBytes: 0,
});

/** What is at a path with the layers so far on top of each other. */
export interface Present {
  readonly layer: number;
  readonly entry: WalkedEntry;
}

/** What the layers that have a say at one path have there, the lowest first; null where one hides what is below. */
interface LaidPath {
  readonly path: string;
  readonly states: readonly { readonly layer: number; readonly entry: WalkedEntry | null }[];
}

/** Told of copies of a file that a later layer has replaced or removed, in the order of layers. */
export interface LossListener {
  lost(copy: Present, lostTo: number, isRemoved: boolean): void;
}

/**
 * Lays layers on top of each other, the lowest first, each in the order of `sortKey`, and tells what each does to each path.
 * All are read side by side, so only one entry of each is in memory. A directory that a layer has only because something
 * in it changed is no change. Yields after each path, with null where no layer changes it, so that a caller can give way.
 */
export function* layerChanges(
  layers: readonly Iterator<WalkedEntry>[],
  totals: readonly LayerTotals[],
  losses: LossListener,
): Generator<LayerChange | null> {
  for (const { states } of laidPaths(layers)) {
    let present: Present | null = null;
    for (const { layer, entry } of states) {
      const after: Present | null = entry && { layer, entry };
      const change = changeOf(present, after);
      count(totals, layer, present, after, change);
      if (present !== null && present.entry.sizeBytes > 0) losses.lost(present, layer, after === null);
      const subject: Present | null = after ?? present;
      if (change && subject) yield { layer, entry: listed(subject.entry, change) };
      present = after;
    }
    yield null;
  }
}

/** What is there with all layers on top of each other, in the order of `sortKey`; null after each path, as above. */
export function* finalEntries(layers: readonly Iterator<WalkedEntry>[]): Generator<Present | null> {
  for (const { states } of laidPaths(layers)) {
    const last = states.at(-1);
    if (last?.entry) yield { layer: last.layer, entry: last.entry };
    else yield null;
  }
}

function* laidPaths(layers: readonly Iterator<WalkedEntry>[]): Generator<LaidPath> {
  const heads = layers.map((layer) => new Head(layer));
  // For each layer the directory in which it hides all that is below, with a slash at its end.
  const hiding: (string | null)[] = layers.map(() => null);
  for (;;) {
    const path = lowest(heads);
    if (path === null) return;
    const states: { layer: number; entry: WalkedEntry | null }[] = [];
    for (const [layer, head] of heads.entries()) {
      const hidden: string | null = hiding[layer] ?? null;
      const isHidden = hidden !== null && path.startsWith(hidden);
      if (hidden !== null && !isHidden) hiding[layer] = null;
      const entry = head.take(path);
      if (entry && !isHidden && (entry.isOpaque || entry.kind !== "directory")) hiding[layer] = `${path}/`;
      if (entry || isHidden) states.push({ layer, entry: entry && !entry.isWhiteout ? entry : null });
    }
    yield { path, states };
  }
}

/** The next entry of one layer. */
class Head {
  readonly #entries: Iterator<WalkedEntry>;
  #next: WalkedEntry | null;
  #key: string;

  constructor(entries: Iterator<WalkedEntry>) {
    this.#entries = entries;
    this.#next = null;
    this.#key = "";
    this.#advance();
  }

  get key(): string | null {
    return this.#next === null ? null : this.#key;
  }

  get path(): string | null {
    return this.#next?.path ?? null;
  }

  /** The entry of this path, if that is the next one. */
  take(path: string): WalkedEntry | null {
    const entry = this.#next;
    if (entry?.path !== path) return null;
    this.#advance();
    return entry;
  }

  #advance(): void {
    const result = this.#entries.next();
    this.#next = result.done ? null : result.value;
    this.#key = this.#next === null ? "" : sortKey(this.#next.path);
  }
}

function lowest(heads: readonly Head[]): string | null {
  let first: Head | null = null;
  for (const head of heads) {
    if (head.key !== null && (first === null || head.key < (first.key ?? ""))) first = head;
  }
  return first?.path ?? null;
}

function changeOf(before: Present | null, after: Present | null): LayerEntry["change"] | null {
  if (!before) return after ? "added" : null;
  if (!after) return "removed";
  return isSameDirectory(before.entry, after.entry) ? null : "changed";
}

function isSameDirectory(left: WalkedEntry, right: WalkedEntry): boolean {
  return (
    left.kind === "directory" &&
    right.kind === "directory" &&
    left.mode === right.mode &&
    left.uid === right.uid &&
    left.gid === right.gid
  );
}

function count(
  totals: readonly LayerTotals[],
  layer: number,
  before: Present | null,
  after: Present | null,
  change: LayerEntry["change"] | null,
): void {
  const own = totals[layer];
  if (own && after) own.sizeBytes += after.entry.sizeBytes;
  if (own && change) own[change] += 1;
  const lost = before === null ? undefined : totals[before.layer];
  if (lost && before) lost.wastedBytes += before.entry.sizeBytes;
}

function listed(
  { isOpaque: _, isWhiteout: __, ...entry }: WalkedEntry,
  change: LayerEntry["change"],
): LayerEntry {
  return { ...entry, change };
}
