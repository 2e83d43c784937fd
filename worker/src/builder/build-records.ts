import { randomUUID } from "node:crypto";
import { readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { mkdir, readdir, rm, stat } from "node:fs/promises";
import path from "node:path";
import { BuildRecord, type BuildRecordData, recordSchema } from "./build-record.ts";

/** Playgrounds whose last build is known; those built longest ago are forgotten when the worker starts. */
const MAX_RECORDS = 5000;
/** Records that are kept in memory, and the characters of one that is. */
const MEMORY_RECORDS = 256;
const MEMORY_CHARACTERS = 64 * 1024;

/**
 * The records of the last builds: one file each, not synced, as losing one costs an explanation. They are small, and the
 * way through the thread pool would take longer than what is done there.
 */
export class BuildRecords {
  readonly #directory: string;
  /** Texts by name; the one used longest ago comes first. */
  readonly #memory = new Map<string, string>();

  private constructor(directory: string) {
    this.#directory = directory;
  }

  static async open(directory: string): Promise<BuildRecords> {
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await prune(directory);
    return new BuildRecords(directory);
  }

  /** The record of the last build of that name, an identifier; an empty one where there is none, or a torn one. */
  read(name: string): BuildRecord {
    return new BuildRecord(parse(this.#text(name)));
  }

  write(name: string, record: BuildRecord): void {
    const text = JSON.stringify(record.data());
    if (text === this.#text(name)) return;
    this.#remember(name, text);
    const file = this.#file(name);
    const half = `${file}.${randomUUID()}`;
    try {
      writeFileSync(half, text, { mode: 0o600 });
      renameSync(half, file);
    } catch (error) {
      rmSync(half, { force: true });
      throw error;
    }
  }

  #text(name: string): string {
    const known = this.#memory.get(name);
    if (known !== undefined) return known;
    try {
      const text = readFileSync(this.#file(name), "utf8");
      this.#remember(name, text);
      return text;
    } catch {
      return "";
    }
  }

  #remember(name: string, text: string): void {
    this.#memory.delete(name);
    if (text.length <= MEMORY_CHARACTERS) this.#memory.set(name, text);
    for (const oldest of this.#memory.keys()) {
      if (this.#memory.size <= MEMORY_RECORDS) break;
      this.#memory.delete(oldest);
    }
  }

  #file(name: string): string {
    return path.join(this.#directory, `${name}.json`);
  }
}

function parse(text: string): BuildRecordData {
  try {
    return recordSchema.parse(JSON.parse(text));
  } catch {
    return { stages: {} };
  }
}

/** Forgets records beyond the bound, and what a kill left half written. */
async function prune(directory: string): Promise<void> {
  const names = await readdir(directory);
  const whole = names.filter((name) => name.endsWith(".json"));
  const half = names.filter((name) => !name.endsWith(".json"));
  const old = whole.length <= MAX_RECORDS ? [] : (await byAge(directory, whole)).slice(0, -MAX_RECORDS);
  for (const name of [...half, ...old]) await rm(path.join(directory, name), { force: true });
}

async function byAge(directory: string, names: readonly string[]): Promise<string[]> {
  const times = new Map<string, number>();
  for (const name of names) times.set(name, (await stat(path.join(directory, name))).mtimeMs);
  return [...names].sort((left, right) => (times.get(left) ?? 0) - (times.get(right) ?? 0));
}
