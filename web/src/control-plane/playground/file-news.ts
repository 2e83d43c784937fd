import type { PlaygroundId } from "@slipway/protocol";
import type { Database } from "../db/database.ts";
import type { Signals } from "../signals.ts";
import { entryOf, readRows } from "./file-rows.ts";
import type { FileEntry, FileNews } from "./playground.ts";

/** Tells what changes in a playground's files: all of them first, then the differences. Ends when the playground is gone. */
export async function* watchFiles(
  database: Database,
  signals: Signals,
  id: PlaygroundId,
  signal: AbortSignal,
): AsyncGenerator<FileNews, void> {
  let known = new Map<string, FileEntry>();
  let last: { revision: number; name: string } | null = null;
  for await (const _ of signals.watch(id, signal)) {
    const select = { revision: true, name: true, savedAt: true } as const;
    const row = await database.playground.findUnique({ where: { id }, select });
    if (!row) return;
    if (last?.revision === row.revision && last.name === row.name) continue;
    const whole = last === null;
    last = row;
    const entries = (await readRows(database, id)).map(entryOf);
    const next = new Map(entries.map((entry) => [entry.path, entry]));
    const before = known;
    known = next;
    yield {
      whole,
      revision: row.revision,
      name: row.name,
      savedAt: row.savedAt.getTime(),
      changed: entries.filter((entry) => !isSame(entry, before.get(entry.path))),
      removed: [...before.keys()].filter((path) => !next.has(path)),
    };
  }
}

const isSame = (one: FileEntry, other: FileEntry | undefined): boolean =>
  other !== undefined && one.digest === other.digest && one.executable === other.executable;
