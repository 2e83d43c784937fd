import { renameSync, writeFileSync } from "node:fs";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { launchRequestSchema, type SessionId, sessionReportSchema } from "@slipway/protocol";
import { z } from "zod";
import { formerPlace, placeSchema } from "./place.ts";

const writtenSchema = z.object({
  request: launchRequestSchema,
  /** Missing in records of sessions that were made under their own names. */
  place: placeSchema.optional(),
  /** Slot of the session's uid range. */
  slot: z.number().int().nonnegative(),
  report: sessionReportSchema,
  /** Command line of the main process; empty until the session runs. */
  args: z.array(z.string()),
  /** When the session was asked for, milliseconds since the epoch; 0 in records that were written before it was noted. */
  begunAt: z.number().int().nonnegative().default(0),
  /** When the session ended, milliseconds since the epoch. */
  endedAt: z.number().int().positive().nullable(),
  /** What the files that are kept after the end take, bytes. */
  keptBytes: z.number().int().nonnegative().default(0),
});

/** What is written down of a session: enough to adopt or to remove it after the worker was killed. */
export const sessionRecordSchema = writtenSchema.transform(({ place, ...record }) => ({
  ...record,
  place: place ?? formerPlace(record.request.sessionId, record.request.terminals.main),
}));
export type SessionRecord = z.infer<typeof sessionRecordSchema>;

/** Records as files, one per session, replaced atomically: a kill leaves the old one or the new one. */
export class SessionRecords {
  readonly #directory: string;

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(directory: string): Promise<SessionRecords> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const leftOver = (await readdir(directory)).filter((name) => !name.endsWith(".json"));
    await Promise.all(leftOver.map((name) => rm(path.join(directory, name), { force: true })));
    return new SessionRecords(directory);
  }

  /** Synchronous: a launch waits for it, and it goes to the kernel's memory, where a killed worker loses nothing. */
  write(record: SessionRecord): void {
    const file = this.#file(record.request.sessionId);
    const partial = `${file}.partial`;
    writeFileSync(partial, JSON.stringify(record), { mode: 0o600 });
    renameSync(partial, file);
  }

  async remove(id: SessionId): Promise<void> {
    await rm(this.#file(id), { force: true });
  }

  /** All records that can be read; a file that can't is reported and removed, its resources are then nobody's. */
  async readAll(unreadable: (file: string, error: unknown) => void): Promise<SessionRecord[]> {
    const records: SessionRecord[] = [];
    for (const name of await readdir(this.#directory)) {
      const file = path.join(this.#directory, name);
      try {
        records.push(sessionRecordSchema.parse(JSON.parse(await readFile(file, "utf8"))));
      } catch (error) {
        unreadable(file, error);
        await rm(file, { force: true });
      }
    }
    return records;
  }

  #file(id: SessionId): string {
    return path.join(this.#directory, `${id}.json`);
  }
}
