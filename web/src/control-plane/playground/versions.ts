import { type PlaygroundId, SlipwayError } from "@slipway/protocol";
import type { Database } from "../db/database.ts";
import { decode } from "../db/documents.ts";
import type { Signals } from "../signals.ts";
import { FileChange } from "./file-change.ts";
import { entryOf, readRows } from "./file-rows.ts";
import { textOf } from "./file-text.ts";
import type { FileEntry } from "./playground.ts";
import {
  MAX_VERSIONS,
  type Tree,
  treeSchema,
  type VersionDifference,
  type Versions,
} from "./playground-version.ts";
import { lockPlayground, recordVersion, trimVersions } from "./version-store.ts";

export function createVersions(database: Database, signals: Signals): Versions {
  return {
    async list(id) {
      const rows = await database.playgroundVersion.findMany({
        where: { playgroundId: id },
        orderBy: { number: "desc" },
        take: MAX_VERSIONS,
        omit: { tree: true },
      });
      return rows.map(({ number, cause, name, createdAt, fileCount, byteCount }) => ({
        number,
        cause,
        name,
        createdAt: createdAt.getTime(),
        fileCount,
        byteCount,
      }));
    },

    async differences(id, number) {
      const tree = await treeOf(database, id, number);
      const now = (await readRows(database, id)).map(entryOf);
      return differencesOf(await entriesOf(database, id, tree), now);
    },

    async readText(id, number, path) {
      const entry = (await treeOf(database, id, number)).find((candidate) => candidate.path === path);
      const blob = entry?.digest
        ? await database.playgroundBlob.findUnique({
            where: { playgroundId_digest: { playgroundId: id, digest: entry.digest } },
          })
        : null;
      return textOf(path, blob);
    },

    async keep(id, name) {
      await database.$transaction(async (transaction) => {
        const locked = await lockPlayground(transaction, id);
        if (!locked) return;
        if (locked.revision !== locked.versionRevision) {
          await recordVersion(transaction, id, locked, "asked", name);
          return trimVersions(transaction, id);
        }
        await transaction.$executeRaw`
          UPDATE playground_versions SET name = ${name} WHERE playground_id = ${id}
            AND number = (SELECT max(number) FROM playground_versions WHERE playground_id = ${id})`;
      });
    },

    async restore(id, number) {
      const { savedAt, revision } = await FileChange.run(database, id, async (change) => {
        await change.restore(await treeOf(change.transaction, id, number));
      });
      signals.notify(id);
      return { savedAt, revision };
    },
  };
}

async function treeOf(
  database: Pick<Database, "playgroundVersion">,
  playgroundId: PlaygroundId,
  number: number,
): Promise<Tree> {
  const row = await database.playgroundVersion.findUnique({
    where: { playgroundId_number: { playgroundId, number } },
    select: { tree: true },
  });
  if (!row) throw new SlipwayError("version-missing", "There is no such version.");
  return decode(treeSchema, row.tree);
}

async function entriesOf(database: Database, playgroundId: PlaygroundId, tree: Tree): Promise<FileEntry[]> {
  const texts = await database.playgroundBlob.findMany({
    where: { playgroundId, isText: true },
    select: { digest: true },
  });
  const known = new Set(texts.map(({ digest }) => digest));
  return tree.map((entry) => ({ ...entry, isText: entry.digest !== null && known.has(entry.digest) }));
}

/** What is different now, sorted by path. */
export function differencesOf(then: readonly FileEntry[], now: readonly FileEntry[]): VersionDifference[] {
  const before = new Map(then.map((entry) => [entry.path, entry]));
  const after = new Map(now.map((entry) => [entry.path, entry]));
  const paths = [...new Set([...before.keys(), ...after.keys()])].sort();
  return paths.flatMap((path): VersionDifference[] => {
    const old = before.get(path);
    const current = after.get(path);
    if (old && !current) return [{ path, change: "removed", entry: old }];
    if (current && !old) return [{ path, change: "added", entry: current }];
    return old && old.digest !== current?.digest ? [{ path, change: "changed", entry: old }] : [];
  });
}
