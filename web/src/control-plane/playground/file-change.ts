import { type PlaygroundId, SlipwayError } from "@slipway/protocol";
import type { Database, Transaction } from "../db/database.ts";
import { digestOf, dropUnused, isScript, putBlobs } from "./blob-store.ts";
import { checkPath, foldersOf, isWithin, wrongName } from "./file-path.ts";
import { type FileRow, readRows } from "./file-rows.ts";
import { MAX_FILE_BYTES, MAX_PLAYGROUND_BYTES, MAX_PLAYGROUND_FILES, tooLarge } from "./limits.ts";
import type { Saved } from "./playground.ts";
import { LONGEST_BURST_MS, PAUSE_MS, type Tree, type VersionCause } from "./playground-version.ts";
import { type LockedPlayground, lockPlayground, recordVersion, trimVersions } from "./version-store.ts";

export interface NewFile {
  readonly path: string;
  /** Null for a folder. */
  readonly content: Uint8Array | null;
  readonly executable: boolean;
}

/**
 * One change of a playground's files, alone with them: the playground's row is locked. What it checks is checked before anything
 * is written.
 */
export class FileChange {
  readonly rows: Map<string, FileRow>;
  /** For reading beside the change. */
  readonly transaction: Transaction;
  readonly #id: PlaygroundId;
  #locked: LockedPlayground;
  readonly #now = new Date();
  #changed = false;
  #recorded = false;

  private constructor(
    transaction: Transaction,
    id: PlaygroundId,
    locked: LockedPlayground,
    rows: readonly FileRow[],
  ) {
    this.transaction = transaction;
    this.#id = id;
    this.#locked = locked;
    this.rows = new Map(rows.map((row) => [row.path, row]));
  }

  /** Runs `work` and answers the state after it. @throws playground-missing */
  static run<Result>(
    database: Database,
    id: PlaygroundId,
    work: (change: FileChange) => Promise<Result>,
  ): Promise<Saved & { readonly result: Result; readonly changed: boolean }> {
    return database.$transaction(async (transaction) => {
      const locked = await lockPlayground(transaction, id);
      if (!locked) throw new SlipwayError("playground-missing", "There is no such playground.");
      const change = new FileChange(transaction, id, locked, await readRows(transaction, id));
      const result = await work(change);
      const saved = await change.#finish();
      return { ...saved, result, changed: change.#changed };
    });
  }

  /** Records what is there as a version, where `cause` or the time since the last one asks for it. Comes before the first write. */
  async keep(cause: VersionCause | null): Promise<void> {
    const due = cause ?? ((await this.#isPause()) ? "pause" : null);
    if (due === null) return;
    await recordVersion(this.transaction, this.#id, this.#locked, due);
    this.#recorded = true;
    this.#locked = { ...this.#locked, versionRevision: this.#locked.revision };
  }

  /** Writes files and folders, and the folders on the way to them. @throws file-name-invalid, files-too-large */
  async put(files: readonly NewFile[]): Promise<void> {
    const wanted = new Map<string, NewFile>();
    for (const file of files) {
      checkPath(file.path);
      if (file.content && file.content.length > MAX_FILE_BYTES) {
        throw tooLarge("file", MAX_FILE_BYTES);
      }
      for (const folder of foldersOf(file.path)) {
        if ((wanted.get(folder)?.content ?? null) !== null) throw clash(folder);
        wanted.set(folder, { path: folder, content: null, executable: false });
      }
      const other = wanted.get(file.path);
      if (other && (other.content === null) !== (file.content === null)) throw clash(file.path);
      wanted.set(file.path, file);
    }
    for (const file of wanted.values()) {
      const there = this.rows.get(file.path);
      if (there && (there.digest === null) !== (file.content === null)) throw clash(file.path);
    }
    this.#checkRoom(wanted);
    await this.#write(
      [...wanted.values()].filter((file) => file.content !== null || !this.rows.has(file.path)),
    );
  }

  /** Removes a file, or a folder with all in it. What no version has becomes one before. */
  async remove(path: string): Promise<void> {
    const gone = [...this.rows.values()].filter((row) => isWithin(row.path, path));
    if (gone.length === 0) return;
    await this.keep(gone.some((row) => !row.isVersioned) ? "change" : null);
    await this.transaction.$executeRaw`
      DELETE FROM playground_files
      WHERE playground_id = ${this.#id} AND (path = ${path} OR starts_with(path, ${`${path}/`}))`;
    for (const row of gone) this.rows.delete(row.path);
    this.#changed = true;
    await this.#drop(gone);
  }

  /** @throws file-name-invalid */
  async move(from: string, to: string): Promise<void> {
    const moved = [...this.rows.values()].filter((row) => isWithin(row.path, from));
    if (moved.length === 0) throw wrongName(from, "there is no such file");
    if (from === to) return;
    for (const row of moved) checkPath(to + row.path.slice(from.length));
    if (isWithin(to, from)) throw wrongName(to, "a folder can't lie in itself");
    if (this.rows.has(to)) throw clash(to);
    await this.keep(null);
    await this.put(foldersOf(to).map((path) => ({ path, content: null, executable: false })));
    await this.transaction.$executeRaw`
      UPDATE playground_files SET path = ${to}::text || substr(path, char_length(${from}::text) + 1)
      WHERE playground_id = ${this.#id} AND (path = ${from} OR starts_with(path, ${`${from}/`}))`;
    this.#changed = true;
  }

  /** Makes the files those of a version; what is there becomes a version before. */
  async restore(tree: Tree): Promise<void> {
    await this.keep("restore");
    await this.transaction.playgroundFile.deleteMany({ where: { playgroundId: this.#id } });
    await this.transaction.playgroundFile.createMany({
      data: tree.map(({ path, digest, executable, updatedAt }) => ({
        playgroundId: this.#id,
        path,
        digest,
        executable,
        updatedAt: new Date(updatedAt),
      })),
    });
    this.#changed = true;
  }

  async #write(files: readonly NewFile[]): Promise<void> {
    const contents = new Map<string, Uint8Array>();
    const rows = files.map(({ path, content, executable }) => {
      const digest = content && digestOf(content);
      if (content && digest) contents.set(digest, content);
      const runs = executable || (content !== null && isScript(content));
      return { playgroundId: this.#id, path, digest, executable: runs, updatedAt: this.#now };
    });
    if (rows.length === 0) return;
    await putBlobs(this.transaction, this.#id, contents);
    const paths = rows.map((row) => row.path);
    const replaced = paths.map((path) => this.rows.get(path)).filter((row) => row !== undefined);
    if (replaced.length > 0) {
      const old = replaced.map((row) => row.path);
      await this.transaction.playgroundFile.deleteMany({
        where: { playgroundId: this.#id, path: { in: old } },
      });
    }
    await this.transaction.playgroundFile.createMany({ data: rows });
    this.#changed = true;
    await this.#drop(replaced);
  }

  async #drop(rows: readonly FileRow[]): Promise<void> {
    const digests = rows.flatMap((row) => (row.digest === null || row.isVersioned ? [] : [row.digest]));
    if (digests.length > 0) await dropUnused(this.transaction, this.#id, digests);
  }

  #checkRoom(wanted: ReadonlyMap<string, NewFile>): void {
    let count = wanted.size;
    let bytes = 0;
    for (const { content } of wanted.values()) bytes += content?.length ?? 0;
    for (const row of this.rows.values()) {
      if (wanted.has(row.path)) continue;
      count += 1;
      bytes += row.bytes;
    }
    if (count > MAX_PLAYGROUND_FILES) throw tooLarge("files", MAX_PLAYGROUND_FILES);
    if (bytes > MAX_PLAYGROUND_BYTES) throw tooLarge("playground", MAX_PLAYGROUND_BYTES);
  }

  /** Whether what is there stood for a while, or was changed for long without a pause. */
  async #isPause(): Promise<boolean> {
    const { revision, versionRevision, savedAt } = this.#locked;
    if (revision === versionRevision) return false;
    if (versionRevision === -1 || this.#now.getTime() - savedAt.getTime() >= PAUSE_MS) return true;
    const newest = await this.transaction.playgroundVersion.findFirst({
      where: { playgroundId: this.#id },
      orderBy: { number: "desc" },
      select: { createdAt: true },
    });
    return newest === null || this.#now.getTime() - newest.createdAt.getTime() >= LONGEST_BURST_MS;
  }

  async #finish(): Promise<Saved> {
    // Last of all, so that contents which a restored version needs are in use by now.
    if (this.#recorded) await trimVersions(this.transaction, this.#id);
    if (!this.#changed) {
      return { savedAt: this.#locked.savedAt.getTime(), revision: this.#locked.revision };
    }
    const revision = this.#locked.revision + 1;
    await this.transaction.playground.update({
      where: { id: this.#id },
      data: { revision, savedAt: this.#now },
    });
    return { savedAt: this.#now.getTime(), revision };
  }
}

const clash = (path: string) => wrongName(path, "something of this name is there already");
