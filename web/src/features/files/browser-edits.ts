import { createStore, del, get, keys, type UseStore, update } from "idb-keyval";
import type { KeptEdit, KeptEdits } from "./kept-edits.ts";

/*
 * Edits in IndexedDB, one row per page and file: two pages that edit the same file without a connection don't overwrite each
 * other. A page holds a lock of its own for as long as it lives; rows of pages without one are adopted by the next page.
 */

/** Edits older than this are gone, milliseconds. */
const LONGEST_KEPT_MS = 30 * 24 * 60 * 60 * 1000;
/** Most rows of all playgrounds in one browser; a text has a megabyte at most. */
const MOST_ROWS = 200;

type Key = [playground: string, page: string, path: string];

const lockOf = (page: string): string => `slipway-page-${page}`;

export class BrowserEdits implements KeptEdits {
  readonly #playground: string;
  readonly #page = crypto.randomUUID();
  readonly #store: UseStore;
  /** Newest edit of a path that waits for the write before it. */
  readonly #waiting = new Map<string, KeptEdit>();
  readonly #writes = new Map<string, Promise<void>>();

  constructor(playground: string) {
    this.#playground = playground;
    this.#store = createStore("slipway", "edits");
    void navigator.locks?.request(lockOf(this.#page), () => new Promise<never>(() => undefined));
  }

  keep(edit: KeptEdit): Promise<void> {
    this.#waiting.set(edit.path, edit);
    return this.#inTurn(edit.path, async () => {
      const newest = this.#waiting.get(edit.path);
      this.#waiting.delete(edit.path);
      if (newest) await update(this.#key(edit.path), () => newest, this.#store);
    });
  }

  forget(path: string): Promise<void> {
    this.#waiting.delete(path);
    return this.#inTurn(path, () => del(this.#key(path), this.#store));
  }

  async adopt(): Promise<KeptEdit[]> {
    await this.#prune();
    const alone = `slipway-adopt-${this.#playground}`;
    return navigator.locks ? navigator.locks.request(alone, () => this.#takeOver()) : this.#takeOver();
  }

  async #takeOver(): Promise<KeptEdit[]> {
    const held = new Set((await navigator.locks?.query())?.held?.map(({ name }) => name));
    const edits = new Map<string, KeptEdit>();
    for (const key of await keys<Key>(this.#store)) {
      const [playground, page, path] = key;
      if (playground !== this.#playground || held.has(lockOf(page))) continue;
      const edit = await get<KeptEdit>(key, this.#store);
      // Of two pages that left edits of one file the older one's waits for the next page.
      if (!edit || edits.has(path)) continue;
      edits.set(path, edit);
      await update(this.#key(path), () => edit, this.#store);
      await del(key, this.#store);
    }
    return [...edits.values()];
  }

  /** Removes what is too old or too much, the oldest first. */
  async #prune(): Promise<void> {
    const rows: { key: Key; at: number }[] = [];
    for (const key of await keys<Key>(this.#store)) {
      rows.push({ key, at: (await get<KeptEdit>(key, this.#store))?.at ?? 0 });
    }
    rows.sort((a, b) => b.at - a.at);
    const oldest = Date.now() - LONGEST_KEPT_MS;
    for (const [index, { key, at }] of rows.entries()) {
      if (index >= MOST_ROWS || at < oldest) await del(key, this.#store);
    }
  }

  #key(path: string): Key {
    return [this.#playground, this.#page, path];
  }

  #inTurn(path: string, work: () => Promise<void>): Promise<void> {
    const done = (this.#writes.get(path) ?? Promise.resolve()).catch(() => undefined).then(work);
    this.#writes.set(path, done);
    return done;
  }
}
