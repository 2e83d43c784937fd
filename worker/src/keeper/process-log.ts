import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import type { Stream } from "./keeper-frames.ts";

/*
 * Logs as keepers write them (native/keeper/log-file.h): records of stream (1), nanoseconds since the epoch (8), length (4),
 * bytes. The older half is in `<path>.1`.
 */

export interface LogRecord {
  readonly stream: Stream;
  /** Nanoseconds since the epoch. */
  readonly timeNano: bigint;
  readonly data: Buffer;
}

const HEAD_BYTES = 13;
const READ_BYTES = 256 * 1024;
/** Keepers read so much at once. */
const LARGEST_RECORD_BYTES = 64 * 1024;
const STREAMS: Readonly<Record<number, Stream>> = { 1: "stdout", 2: "stderr" };

/** A log from its beginning, in portions as the disk gives them. What is torn at the end is left out. */
export async function* readLog(path: string): AsyncGenerator<LogRecord[]> {
  yield* readFileRecords(`${path}.1`);
  yield* readFileRecords(path);
}

async function* readFileRecords(file: string): AsyncGenerator<LogRecord[]> {
  if ((await stat(file).catch(() => null)) === null) return;
  let rest: Buffer = Buffer.alloc(0);
  for await (const piece of createReadStream(file, { highWaterMark: READ_BYTES }) as AsyncIterable<Buffer>) {
    const data = rest.byteLength === 0 ? piece : Buffer.concat([rest, piece]);
    const { records, end } = parse(data);
    rest = data.subarray(end);
    if (records.length > 0) yield records;
  }
}

function parse(data: Buffer): { records: LogRecord[]; end: number } {
  const records: LogRecord[] = [];
  let at = 0;
  while (data.byteLength - at >= HEAD_BYTES) {
    const length = data.readUInt32BE(at + 9);
    const stream = STREAMS[data.readUInt8(at)];
    if (stream === undefined || length > LARGEST_RECORD_BYTES) throw new Error("the log is damaged");
    if (data.byteLength - at < HEAD_BYTES + length) break;
    const start = at + HEAD_BYTES;
    records.push({
      stream,
      timeNano: data.readBigUInt64BE(at + 1),
      data: data.subarray(start, start + length),
    });
    at = start + length;
  }
  return { records, end: at };
}
