import { randomUUID } from "node:crypto";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import type { CacheMiss } from "@slipway/protocol";
import { z } from "zod";

/** Files whose digests are kept per step; of more, only their sum is compared. */
const MAX_FILES = 20_000;

const recordSchema = z.object({
  /** What each stage started from, by stage number. */
  bases: z.record(z.string(), z.string()),
  steps: z.record(
    z.string(),
    z.object({ definition: z.string(), files: z.record(z.string(), z.string()).nullable() }),
  ),
});
type BuildRecordData = z.infer<typeof recordSchema>;

/** What decides whether a step runs again. */
export interface StepInputs {
  /** Digest of the instruction after expansion, with all settings that it depends on. */
  readonly definition: string;
  /** Digests of the files that it copies, by path; null for steps that copy none. */
  readonly files: ReadonlyMap<string, string> | null;
}

/**
 * What the last build of the same playground was made of, so that a step that runs again can say why. It explains the
 * cache and never decides: keys alone do that.
 */
export class BuildRecord {
  readonly #file: string;
  readonly #last: BuildRecordData;
  readonly #now: BuildRecordData = { bases: {}, steps: {} };

  private constructor(file: string, last: BuildRecordData) {
    this.#file = file;
    this.#last = last;
  }

  /** `name` becomes a file name: an identifier. */
  static async open(directory: string, name: string): Promise<BuildRecord> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    const file = path.join(directory, `${name}.json`);
    try {
      return new BuildRecord(file, recordSchema.parse(JSON.parse(await readFile(file, "utf8"))));
    } catch {
      return new BuildRecord(file, { bases: {}, steps: {} });
    }
  }

  base(stage: number, base: string): void {
    this.#now.bases[stage] = base;
  }

  /** Notes a step and says why it has to run, if it has to. */
  step(stage: number, index: number, inputs: StepInputs): CacheMiss {
    const name = `${stage}.${index}`;
    const files = inputs.files && inputs.files.size <= MAX_FILES ? Object.fromEntries(inputs.files) : null;
    this.#now.steps[name] = { definition: inputs.definition, files };
    const before = this.#last.steps[name];
    if (!before) return { reason: "first-time" };
    if (this.#last.bases[stage] !== this.#now.bases[stage]) return { reason: "base-changed" };
    if (before.definition !== inputs.definition) return { reason: "instruction-changed" };
    const changed = files && before.files ? firstDifference(before.files, files) : null;
    return changed === null
      ? { reason: "first-time" }
      : { reason: "file-changed", path: changed.slice(0, 4096) };
  }

  /** True when the last build had the very same step at this place. */
  isUnchanged(stage: number, index: number, definition: string): boolean {
    return this.#last.steps[`${stage}.${index}`]?.definition === definition;
  }

  /** Replaces the record of the last build. Steps that this one did not reach keep what is known of them. */
  async save(): Promise<void> {
    const merged = {
      bases: { ...this.#last.bases, ...this.#now.bases },
      steps: { ...this.#last.steps, ...this.#now.steps },
    };
    const half = `${this.#file}.${randomUUID()}`;
    try {
      await writeFile(half, JSON.stringify(merged), { mode: 0o600 });
      await rename(half, this.#file);
    } catch (error) {
      await rm(half, { force: true });
      throw error;
    }
  }
}

function firstDifference(before: Record<string, string>, now: Record<string, string>): string | null {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return paths.find((one) => before[one] !== now[one]) ?? null;
}
