import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { containerOrderSchema } from "./container-order.ts";
import { containerStateSchema } from "./container-state.ts";

/** What is written down of a container: enough to show, start, adopt or remove it after the worker was killed. */
export const containerRecordSchema = z.object({
  id: z.string().regex(/^[0-9a-f]{64}$/),
  name: z.string(),
  /** Milliseconds since the epoch. */
  createdAt: z.number().int(),
  order: containerOrderSchema,
  state: containerStateSchema,
  /** Times that its policy started it again. */
  restarts: z.number().int().nonnegative(),
  /** True after a stop that somebody asked for: `unless-stopped` minds it. */
  wasStopped: z.boolean(),
});
export type ContainerRecord = z.infer<typeof containerRecordSchema>;

/** Below the worker's directory: a directory per place, a file per container. */
export const recordsDirectory = (workerDirectory: string): string =>
  path.join(workerDirectory, "session-containers");

/** Records of the containers of one session, replaced atomically: a kill leaves the old one or the new one. */
export class ContainerRecords {
  readonly #directory: string;

  constructor(workerDirectory: string, place: string) {
    this.#directory = path.join(recordsDirectory(workerDirectory), place);
  }

  /** Synchronous: what is made next has to be found by whoever comes after a kill. */
  write(record: ContainerRecord): void {
    const file = this.#file(record.id);
    mkdirSync(this.#directory, { recursive: true, mode: 0o700 });
    writeFileSync(`${file}~`, JSON.stringify(record), { mode: 0o600 });
    renameSync(`${file}~`, file);
  }

  remove(id: string): void {
    rmSync(this.#file(id), { force: true });
  }

  /** Whole records; what can't be read is nobody's. */
  async readAll(): Promise<ContainerRecord[]> {
    const records: ContainerRecord[] = [];
    for (const name of await readdir(this.#directory).catch(() => [])) {
      if (!/^[0-9a-f]{64}\.json$/.test(name)) continue;
      try {
        const text = await readFile(path.join(this.#directory, name), "utf8");
        records.push(containerRecordSchema.parse(JSON.parse(text)));
      } catch {
        await rm(path.join(this.#directory, name), { force: true });
      }
    }
    return records.sort((a, b) => a.createdAt - b.createdAt);
  }

  async removeAll(): Promise<void> {
    await rm(this.#directory, { recursive: true, force: true });
  }

  /** Where the networks of the session are written down. */
  get networksFile(): string {
    return path.join(this.#directory, "networks.json");
  }

  #file(id: string): string {
    return path.join(this.#directory, `${id}.json`);
  }
}

/** Names of all places that have records, for reconciliation after a restart. */
export async function recordedPlaces(workerDirectory: string): Promise<string[]> {
  return await readdir(recordsDirectory(workerDirectory)).catch(() => []);
}
