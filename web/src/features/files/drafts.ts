import type { WireError } from "@slipway/protocol";
import { WireFailure } from "../../rpc/failure.ts";
import type {
  Draft,
  DraftsOptions,
  DraftsSnapshot,
  FileNews,
  ListedFile,
  SaveState,
  Theirs,
} from "./draft.ts";
import { conflictOf, folder, isDirty, newFile, type OpenText, opened } from "./open-text.ts";

/*
 * The playground's files as the person sees them, and their way to the server: what is typed is shown at once, kept in this
 * browser, and saved within SAVE_DELAY_MS, one call after the other. Each save names the text that it began with, so that a
 * text that somebody else changed meanwhile is merged and never overwritten.
 */

/** Pause between the first unsaved key and its save. */
export const SAVE_DELAY_MS = 600;
/** Pause before a save without an answer is tried again by itself. */
export const RETRY_DELAY_MS = 3_000;
/** Merges of one text in a row that others overtake, before it is left for the next save. */
const MOST_MERGES = 5;

export class Drafts {
  readonly #options: DraftsOptions;
  readonly #listeners = new Set<() => void>();
  readonly #listed = new Map<string, ListedFile>();
  readonly #texts = new Map<string, OpenText>();
  #snapshot: DraftsSnapshot;
  /** The last work in the line; the next one waits for it. */
  #line: Promise<unknown> = Promise.resolve();
  #busy = 0;
  #trouble: { readonly error: WireError; readonly offline: boolean } | null = null;
  #keptInBrowser = true;
  #cancelTimer: (() => void) | null = null;

  constructor(
    files: readonly ListedFile[],
    texts: readonly { readonly path: string; readonly digest: string; readonly content: string }[],
    options: DraftsOptions,
  ) {
    this.#options = options;
    for (const file of files) this.#listed.set(file.path, file);
    for (const { path, digest, content } of texts) this.#texts.set(path, opened(digest, content));
    this.#snapshot = { files: this.#drafts(), save: { state: "saved" } };
  }

  /** Stable until something changes, as useSyncExternalStore wants it. */
  readonly snapshot = (): DraftsSnapshot => this.#snapshot;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Takes up what pages of this browser that are gone could not save. */
  async adopt(): Promise<void> {
    const edits = await this.#options.kept.adopt().catch(() => []);
    for (const { path, base, content } of edits) {
      const open = this.#texts.get(path);
      if (open && isDirty(open)) continue;
      this.#texts.set(path, { base, content, outside: (open?.outside ?? 0) + 1, conflict: null });
    }
    if (edits.length > 0) await this.flush();
  }

  /** Brings the text of a file. */
  open(path: string): Promise<void> {
    return this.#inLine(async () => {
      const file = this.#listed.get(path);
      if (this.#texts.has(path) || !file?.isText) return;
      const { digest, content } = await this.#options.server.read(path);
      this.#texts.set(path, opened(digest, content));
    });
  }

  edit(path: string, content: string): void {
    const text = this.#texts.get(path);
    if (text === undefined || text.content === content) return;
    text.content = content;
    this.#keep(path, text);
    this.#show();
    this.#later(SAVE_DELAY_MS);
  }

  /** A new, empty file. */
  async add(path: string): Promise<void> {
    this.#texts.set(path, opened(null, ""));
    this.#show();
    await this.flush();
  }

  addFolder(path: string): Promise<void> {
    return this.#inLine(async () => {
      await this.#options.server.createFolder(path);
      this.#listed.set(path, folder(path));
    });
  }

  /** A file, or a folder with all in it. */
  remove(path: string): Promise<void> {
    return this.#inLine(async () => {
      await this.#options.server.remove(path);
      for (const gone of this.#within(path)) this.#forget(gone);
    });
  }

  async move(from: string, to: string): Promise<void> {
    await this.flush();
    await this.#inLine(async () => {
      await this.#options.server.move(from, to);
      for (const path of this.#within(from)) {
        const target = to + path.slice(from.length);
        const [listed, text] = [this.#listed.get(path), this.#texts.get(path)];
        this.#forget(path);
        if (listed) this.#listed.set(target, { ...listed, path: target });
        if (text) this.#texts.set(target, text);
        if (text && isDirty(text)) this.#keep(target, text);
      }
    });
  }

  /** Takes in what the server says has changed. Texts that are open here follow, or are merged. */
  take({ whole, changed, removed }: FileNews): Promise<void> {
    return this.#inLine(async () => {
      const there = new Set(changed.map(({ path }) => path));
      const gone = whole ? [...this.#listed.keys()].filter((path) => !there.has(path)) : removed;
      for (const path of gone) {
        const text = this.#texts.get(path);
        this.#listed.delete(path);
        // A text with unsaved changes comes back by its next save.
        if (text && isDirty(text)) text.base = { digest: null, content: "" };
        else this.#texts.delete(path);
      }
      for (const file of changed) {
        this.#listed.set(file.path, file);
        await this.#follow(file);
      }
      if (this.isDirty) this.#later(SAVE_DELAY_MS);
    });
  }

  /** Saves all that is not saved. Resolves when it is done; false when some of it is not saved. */
  async flush(): Promise<boolean> {
    this.#cancelTimer?.();
    this.#cancelTimer = null;
    for (const [path, text] of [...this.#texts]) {
      if (isDirty(text) && text.conflict === null) await this.#inLine(() => this.#saveNow(path, false));
    }
    await this.#line;
    return !this.isDirty;
  }

  /** Ends a conflict. Whatever is not chosen stays in the history of the playground. */
  async resolve(path: string, choice: "mine" | "theirs" | "both"): Promise<void> {
    const text = this.#texts.get(path);
    const { conflict } = text ?? {};
    if (!text || !conflict) return;
    const mine = text.content;
    text.conflict = null;
    text.base = { digest: conflict.digest, content: conflict.theirs ?? "" };
    if (choice === "both" && conflict.marked !== null) this.#replace(path, text, conflict.marked);
    await this.#inLine(() => this.#saveNow(path, true));
    const saved = !isDirty(text) && text.content === mine;
    if (choice !== "theirs" || conflict.theirs === null || !saved) return;
    this.#replace(path, text, conflict.theirs);
    await this.#inLine(() => this.#saveNow(path, true));
  }

  get isDirty(): boolean {
    return [...this.#texts.values()].some(isDirty);
  }

  /** Saves one text; what somebody else changed meanwhile is merged first. */
  async #saveNow(path: string, keep: boolean): Promise<void> {
    const text = this.#texts.get(path);
    for (let merges = 0; merges <= MOST_MERGES; merges += 1) {
      if (!text || this.#texts.get(path) !== text || !isDirty(text) || text.conflict) return;
      const content = text.content;
      if (content.length > this.#options.textBytes) throw tooLong(this.#options.textBytes);
      const answer = await this.#options.server.save(path, content, text.base.digest, keep);
      if (answer.outcome === "saved") {
        text.base = { digest: answer.digest, content };
        const listed = this.#listed.get(path);
        const bytes = new TextEncoder().encode(content).length;
        this.#listed.set(path, { path, isText: true, ...listed, digest: answer.digest, bytes });
        if (!isDirty(text)) await this.#options.kept.forget(path).catch(() => undefined);
        return;
      }
      await this.#meet(path, text, answer.theirs);
    }
  }

  /** Brings a text together with the one that is on the server by now. */
  async #meet(path: string, text: OpenText, theirs: Theirs): Promise<void> {
    if (theirs.kind === "gone") {
      text.base = { digest: null, content: "" };
      return;
    }
    const { digest, content } = theirs;
    if (content === null) {
      text.conflict = { theirs: null, marked: null, digest };
      return;
    }
    const merge = await this.#options.merge();
    const merged = merge({ base: text.base.content, mine: text.content, theirs: content });
    if (merged.clean) {
      text.base = { digest, content };
      this.#replace(path, text, merged.text);
    } else {
      text.conflict = { theirs: content, marked: merged.text, digest };
    }
  }

  /** A file that changed on the server: an open text without changes of its own becomes the new one. */
  async #follow({ path, digest, isText }: ListedFile): Promise<void> {
    const text = this.#texts.get(path);
    if (!text || text.base.digest === digest || isDirty(text)) return;
    if (!isText) return void this.#texts.delete(path);
    const now = await this.#options.server.read(path);
    if (isDirty(text) || now.digest === text.base.digest) return;
    text.base = now;
    this.#replace(path, text, now.content);
  }

  #replace(path: string, text: OpenText, content: string): void {
    if (text.content !== content) text.outside += 1;
    text.content = content;
    if (isDirty(text)) this.#keep(path, text);
  }

  #keep(path: string, { base, content }: OpenText): void {
    if (content.length > this.#options.textBytes) return;
    this.#options.kept.keep({ path, base, content, at: Date.now() }).then(
      () => this.#setKept(true),
      () => this.#setKept(false),
    );
  }

  #setKept(kept: boolean): void {
    if (this.#keptInBrowser === kept) return;
    this.#keptInBrowser = kept;
    this.#show();
  }

  #within(path: string): string[] {
    const all = new Set([...this.#listed.keys(), ...this.#texts.keys()]);
    return [...all].filter((other) => other === path || other.startsWith(`${path}/`));
  }

  #forget(path: string): void {
    this.#listed.delete(path);
    this.#texts.delete(path);
    this.#options.kept.forget(path).catch(() => undefined);
  }

  #later(ms: number): void {
    this.#cancelTimer ??= this.#options.schedule(ms, () => {
      this.#cancelTimer = null;
      void this.flush();
    });
  }

  #inLine(work: () => Promise<void>): Promise<void> {
    this.#busy += 1;
    const done = this.#line.then(async () => {
      this.#show();
      try {
        await work();
        this.#trouble = null;
      } catch (thrown) {
        this.#fail(thrown);
      }
      this.#busy -= 1;
      if (this.#trouble === null && this.isDirty) this.#later(SAVE_DELAY_MS);
      this.#show();
    });
    this.#line = done;
    return done;
  }

  #fail(thrown: unknown): void {
    const offline = this.#options.isUnreachable(thrown);
    const error = this.#options.wireErrorOf(thrown);
    this.#trouble = { error, offline };
    if (offline || error.fault !== "user") this.#later(RETRY_DELAY_MS);
  }

  #saveState(): SaveState {
    const conflicting = [...this.#texts].find(([, text]) => text.conflict !== null);
    if (this.#trouble?.offline) return { state: "offline", kept: this.#keptInBrowser };
    if (this.#trouble) return { state: "failed", error: this.#trouble.error };
    if (conflicting) return { state: "conflict", path: conflicting[0] };
    if (this.#busy > 0) return { state: "saving" };
    return this.isDirty ? { state: "unsaved" } : { state: "saved" };
  }

  #drafts(): Draft[] {
    const unlisted = [...this.#texts.keys()].filter((path) => !this.#listed.has(path));
    const listed = [...this.#listed.values(), ...unlisted.map(newFile)];
    return listed
      .map((file) => {
        const text = this.#texts.get(file.path);
        const { content = null, outside = 0 } = text ?? {};
        return { ...file, content, outside, conflict: text ? conflictOf(text) : null };
      })
      .sort(byPath);
  }

  #show(): void {
    this.#snapshot = { files: this.#drafts(), save: this.#saveState() };
    for (const listener of this.#listeners) listener();
  }
}

const byPath = (a: Draft, b: Draft): number => (a.path < b.path ? -1 : a.path > b.path ? 1 : 0);

const MIB = 1024 * 1024;

const tooLong = (limit: number) =>
  new WireFailure({
    code: "files-too-large",
    fault: "user",
    message: "The text is too long to be saved.",
    params: { what: "text", limit: limit / MIB },
  });
