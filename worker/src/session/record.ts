import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import path from "node:path";
import { launchRequestSchema, type SessionId, sessionReportSchema } from "@slipway/protocol";
import { z } from "zod";

/** What is written down of a session: enough to adopt or to remove it after the worker was killed. */
export const sessionRecordSchema = z.object({
  request: launchRequestSchema,
  /** Slot of the session's uid range. */
  slot: z.number().int().nonnegative(),
  report: sessionReportSchema,
  /** Command line of the main process; empty until the session runs. */
  args: z.array(z.string()),
  /** When the session ended, milliseconds since the epoch. */
  endedAt: z.number().int().positive().nullable(),
});
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

  async write(record: SessionRecord): Promise<void> {
    const file = this.#file(record.request.sessionId);
    const partial = `${file}.${record.report.revision}.partial`;
    const handle = await open(partial, "w", 0o600);
    try {
      await handle.writeFile(JSON.stringify(record));
    } finally {
      await handle.close();
    }
    await rename(partial, file);
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
