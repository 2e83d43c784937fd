import { randomUUID } from "node:crypto";
import { type FileHandle, open, rename, rm } from "node:fs/promises";
import path from "node:path";
import { SlipwayError } from "@slipway/protocol";
import { z } from "zod";
import { sortKey } from "./layer-walk.ts";

/** Text that is gathered before it is written. */
const WRITE_CHARACTERS = 256 * 1024;
/** Read at once; no line is longer: a path and a target of 4096 characters each, which JSON makes six times as long. */
const READ_BYTES = 64 * 1024;
const NEWLINE = 0x0a;

/** What every line is about. */
const lineSchema = z.looseObject({ path: z.string() });

/** Writes entries, one JSON object a line, in the order of `sortKey`; the file is there when it is whole. */
export class EntryFileWriter {
  readonly #file: string;
  readonly #half: string;
  readonly #handle: FileHandle;
  #lines: string[] = [];
  #characters = 0;

  private constructor(file: string, half: string, handle: FileHandle) {
    this.#file = file;
    this.#half = half;
    this.#handle = handle;
  }

  static async open(file: string, temporary: string): Promise<EntryFileWriter> {
    const half = path.join(temporary, randomUUID());
    return new EntryFileWriter(file, half, await open(half, "wx", 0o600));
  }

  async write(entry: { readonly path: string }): Promise<void> {
    const line = `${JSON.stringify(entry)}\n`;
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.#characters >= WRITE_CHARACTERS) await this.#flush();
  }

  async commit(): Promise<void> {
    await this.#flush();
    await this.#handle.close();
    await rename(this.#half, this.#file);
  }

  async abandon(): Promise<void> {
    await this.#handle.close().catch(() => undefined);
    await rm(this.#half, { force: true });
  }

  async #flush(): Promise<void> {
    await this.#handle.appendFile(this.#lines.join(""));
    this.#lines = [];
    this.#characters = 0;
  }
}

/** At most `limit` entries that come after the path `after`. Only a few blocks of the file are read, however long it is. */
export async function readEntries<Entry extends { readonly path: string }>(
  file: string,
  schema: z.ZodType<Entry>,
  after: string,
  limit: number,
): Promise<Entry[]> {
  const handle = await open(file, "r");
  try {
    const key = sortKey(after);
    const start = after === "" ? 0 : await startAfter(handle, key);
    const entries: Entry[] = [];
    for await (const line of linesFrom(handle, start)) {
      if (entries.length >= limit) break;
      const entry = parseLine(line, file, schema);
      if (after === "" || sortKey(entry.path) > key) entries.push(entry);
    }
    return entries;
  } finally {
    await handle.close();
  }
}

/** Every line of a list from its beginning, as it stands there. */
export async function* linesOf(file: string): AsyncGenerator<string> {
  const handle = await open(file, "r");
  try {
    yield* linesFrom(handle, 0);
  } finally {
    await handle.close();
  }
}

/** Start of a line, not far before the first one that comes after the key. */
async function startAfter(handle: FileHandle, key: string): Promise<number> {
  let low = 0;
  let high = (await handle.stat()).size;
  while (high - low > READ_BYTES) {
    const middle = Math.floor((low + high) / 2);
    const line = await lineFrom(handle, middle);
    if (line !== null && line.start < high && sortKey(parseLine(line.text, "", lineSchema).path) <= key)
      low = line.start;
    else high = middle;
  }
  return low;
}

/** The first line that starts after an offset; null when there is none within one reading. */
async function lineFrom(
  handle: FileHandle,
  offset: number,
): Promise<{ readonly start: number; readonly text: string } | null> {
  const buffer = Buffer.alloc(2 * READ_BYTES);
  const { bytesRead } = await handle.read(buffer, 0, buffer.length, offset);
  const bytes = buffer.subarray(0, bytesRead);
  const newline = bytes.indexOf(NEWLINE);
  const end = newline < 0 ? -1 : bytes.indexOf(NEWLINE, newline + 1);
  if (end < 0) return null;
  return { start: offset + newline + 1, text: bytes.toString("utf8", newline + 1, end) };
}

async function* linesFrom(handle: FileHandle, offset: number): AsyncGenerator<string> {
  const buffer = Buffer.alloc(READ_BYTES);
  let rest = Buffer.alloc(0);
  for (let position = offset; ; ) {
    const { bytesRead } = await handle.read(buffer, 0, buffer.length, position);
    if (bytesRead === 0) return;
    position += bytesRead;
    const bytes = Buffer.concat([rest, buffer.subarray(0, bytesRead)]);
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      yield bytes.toString("utf8", start, end);
      start = end + 1;
    }
    rest = bytes.subarray(start);
  }
}

function parseLine<Entry>(line: string, file: string, schema: z.ZodType<Entry>): Entry {
  try {
    return schema.parse(JSON.parse(line));
  } catch (error) {
    throw new SlipwayError("store-corrupt", `The list of a layer's files can't be read.`, {
      params: { file },
      cause: error,
    });
  }
}
