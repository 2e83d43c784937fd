import { readFile, stat } from "node:fs/promises";
import path from "node:path";
import { terminalSizeSchema } from "@slipway/protocol";
import { z } from "zod";

/** Largest scrollback file that is read; the shim's ring is smaller. */
const LARGEST_SCROLLBACK_BYTES = 64 * 1024 * 1024;

const exitFileSchema = terminalSizeSchema.extend({
  exitCode: z.number().int(),
  end: z.number().int().nonnegative(),
});

/** What a shim wrote down of a process that has ended. */
export interface Ending extends z.infer<typeof exitFileSchema> {
  /** Number of the first byte of `scrollback`. */
  readonly start: number;
  readonly scrollback: Uint8Array;
}

/** The ending in a terminal's directory, or null when there is none. */
export async function readEnding(directory: string): Promise<Ending | null> {
  const text = await readFile(path.join(directory, "exit"), "utf8").catch(whenMissing);
  if (text === null) return null;
  const exit = exitFileSchema.parse(JSON.parse(text));
  const scrollback = await readScrollback(path.join(directory, "scrollback"));
  return { ...exit, ...(scrollback ?? { start: exit.end, scrollback: new Uint8Array() }) };
}

async function readScrollback(file: string): Promise<{ start: number; scrollback: Uint8Array } | null> {
  const stats = await stat(file).catch(whenMissing);
  if (stats === null || stats.size < 8 || stats.size > LARGEST_SCROLLBACK_BYTES) return null;
  const content = await readFile(file);
  return { start: Number(content.readBigUInt64BE(0)), scrollback: content.subarray(8) };
}

function whenMissing(error: NodeJS.ErrnoException): null {
  if (error.code === "ENOENT") return null;
  throw error;
}
