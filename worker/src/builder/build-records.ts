import { randomUUID } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { BuildRecord, type BuildRecordData, recordSchema } from "./build-record.ts";

/** Playgrounds whose last build is known; those built longest ago are forgotten when the worker starts. */
const MAX_RECORDS = 5000;
/** Records that are kept in memory, and the characters of one that is. */
const MEMORY_RECORDS = 256;
const MEMORY_CHARACTERS = 64 * 1024;

/**
 * The records of the last builds: one file each, not synced, as losing one costs an explanation. No build waits for
 * the disk.
 */
export class BuildRecords {
  readonly #directory: string;
  /** Texts by name; the one used longest ago comes first. */
  readonly #memory = new Map<string, string>();
  readonly #unwritten = new Map<string, string>();
  #writing: Promise<void> | null = null;

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

  /** What the next build of that name compares itself with, from now on; the disk has it a moment later. */
  write(name: string, record: BuildRecord): void {
    const text = JSON.stringify(record.data());
    if (text === this.#text(name)) return;
    this.#remember(name, text);
    this.#unwritten.set(name, text);
    this.#writing ??= this.#writeAll();
  }

  /** Resolves when the disk has all. */
  async flush(): Promise<void> {
    await this.#writing;
  }

  async #writeAll(): Promise<void> {
    for (let [next] = this.#unwritten; next; [next] = this.#unwritten) {
      const [name, text] = next;
      const half = `${this.#file(name)}.${randomUUID()}`;
      try {
        await writeFile(half, text, { mode: 0o600 });
        await rename(half, this.#file(name));
      } catch {
        // An explanation is lost, no more.
        await rm(half, { force: true }).catch(() => undefined);
      }
      if (this.#unwritten.get(name) === text) this.#unwritten.delete(name);
    }
    this.#writing = null;
  }

  #text(name: string): string {
    const known = this.#unwritten.get(name) ?? this.#memory.get(name);
    if (known !== undefined) return known;
    // Asked first: most have none the first time, and an error takes longer to make than the look.
    if (!existsSync(this.#file(name))) return "";
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
