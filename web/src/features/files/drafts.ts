import type { WireError } from "@slipway/protocol";

/*
 * The playground's files as the person sees them, and their way to the server: what is typed is shown at once and saved
 * within SAVE_DELAY_MS, one call after the other, so that the last one written is the last one kept.
 */

export interface Draft {
  readonly path: string;
  readonly content: string;
}

export type SaveState =
  | { readonly state: "saved" }
  | { readonly state: "unsaved" }
  | { readonly state: "saving" }
  | { readonly state: "failed"; readonly error: WireError };

export interface DraftsSnapshot {
  /** Sorted by path. */
  readonly files: readonly Draft[];
  readonly save: SaveState;
}

export interface DraftsOptions {
  readonly server: {
    save(path: string, content: string): Promise<unknown>;
    remove(path: string): Promise<unknown>;
    rename(from: string, to: string): Promise<unknown>;
  };
  readonly wireErrorOf: (thrown: unknown) => WireError;
  /** Calls back after `ms`; answers how to call it off. */
  readonly schedule: (ms: number, run: () => void) => () => void;
}

/** Pause between the first unsaved key and its save. */
export const SAVE_DELAY_MS = 600;
/** Pause before a failed save is tried again by itself. */
export const RETRY_DELAY_MS = 5_000;

const byPath = (a: Draft, b: Draft): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

export class Drafts {
  readonly #options: DraftsOptions;
  readonly #listeners = new Set<() => void>();
  readonly #dirty = new Set<string>();
  #snapshot: DraftsSnapshot;
  /** The last call to the server; the next one waits for it. */
  #line: Promise<void> = Promise.resolve();
  #cancelTimer: (() => void) | null = null;

  constructor(files: readonly Draft[], options: DraftsOptions) {
    this.#options = options;
    const own = files.map(({ path, content }) => ({ path, content })).sort(byPath);
    this.#snapshot = { files: own, save: { state: "saved" } };
  }

  /** Stable until something changes, as useSyncExternalStore wants it. */
  readonly snapshot = (): DraftsSnapshot => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  edit(path: string, content: string): void {
    const before = this.#snapshot.files.find((file) => file.path === path);
    if (before === undefined || before.content === content) return;
    this.#put(path, content);
    this.#later(SAVE_DELAY_MS);
  }

  /** A new, empty file. */
  async add(path: string): Promise<void> {
    this.#put(path, "");
    await this.flush();
  }

  async remove(path: string): Promise<void> {
    this.#dirty.delete(path);
    this.#show({ files: this.#snapshot.files.filter((file) => file.path !== path) });
    await this.#call(() => this.#options.server.remove(path));
  }

  async rename(from: string, to: string): Promise<void> {
    await this.flush();
    const renamed = this.#snapshot.files.map((file) => (file.path === from ? { ...file, path: to } : file));
    this.#show({ files: renamed.sort(byPath) });
    if (this.#dirty.delete(from)) this.#dirty.add(to);
    await this.#call(() => this.#options.server.rename(from, to));
  }

  /** Saves all that is not saved. Resolves when it is done; false when some of it failed. */
  async flush(): Promise<boolean> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    for (const path of [...this.#dirty]) await this.#call(() => this.#saveNow(path));
    await this.#line;
    return this.#snapshot.save.state !== "failed";
  }

  get isDirty(): boolean {
    return this.#dirty.size > 0 || this.#snapshot.save.state === "saving";
  }

  #put(path: string, content: string): void {
    const others = this.#snapshot.files.filter((file) => file.path !== path);
    this.#dirty.add(path);
    this.#show({ files: [...others, { path, content }].sort(byPath), save: { state: "unsaved" } });
  }

  #later(ms: number): void {
    this.#cancelTimer ??= this.#options.schedule(ms, () => {
      this.#cancelTimer = null;
      void this.flush();
    });
  }

  /** A file that was removed or edited again in the meantime is seen to here or by the next flush. */
  async #saveNow(path: string): Promise<void> {
    const file = this.#snapshot.files.find((candidate) => candidate.path === path);
    if (file === undefined || !this.#dirty.delete(path)) return;
    try {
      await this.#options.server.save(path, file.content);
    } catch (thrown) {
      this.#dirty.add(path);
      throw thrown;
    }
  }

  #call(work: () => Promise<unknown>): Promise<void> {
    this.#line = this.#line.then(async () => {
      this.#show({ save: { state: "saving" } });
      try {
        await work();
        this.#show({ save: this.#dirty.size > 0 ? { state: "unsaved" } : { state: "saved" } });
        if (this.#dirty.size > 0) this.#later(SAVE_DELAY_MS);
      } catch (thrown) {
        this.#show({ save: { state: "failed", error: this.#options.wireErrorOf(thrown) } });
        this.#later(RETRY_DELAY_MS);
      }
    });
    return this.#line;
  }

  #show(change: Partial<DraftsSnapshot>): void {
    this.#snapshot = { ...this.#snapshot, ...change };
    for (const listener of this.#listeners) listener();
  }
}
