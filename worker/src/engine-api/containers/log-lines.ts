import type { LogRecord } from "../../keeper/process-log.ts";
import type { Stream } from "../frames.ts";

const NEWLINE = 10;
/** What `tail` keeps while it looks for the last lines, bytes. */
const TAIL_BYTES = 64 * 1024 * 1024;

/** Puts the time before each line, where that is asked for. */
export class LogLines {
  readonly #timestamps: boolean;
  /** Streams that are in the middle of a line. */
  readonly #within = new Set<Stream>();

  constructor(timestamps: boolean) {
    this.#timestamps = timestamps;
  }

  render({ stream, timeNano, data }: LogRecord): Buffer {
    if (!this.#timestamps) return data;
    const stamp = Buffer.from(`${timeText(timeNano)} `);
    const pieces: Buffer[] = [];
    for (let at = 0; at < data.byteLength; ) {
      const newline = data.indexOf(NEWLINE, at);
      const end = newline < 0 ? data.byteLength : newline + 1;
      if (!this.#within.has(stream)) pieces.push(stamp);
      pieces.push(data.subarray(at, end));
      if (newline < 0) this.#within.add(stream);
      else this.#within.delete(stream);
      at = end;
    }
    return Buffer.concat(pieces);
  }
}

/** RFC 3339 with nanoseconds. */
export function timeText(timeNano: bigint): string {
  const ms = Number(timeNano / 1_000_000n);
  const rest = String(timeNano % 1_000_000_000n).padStart(9, "0");
  return `${new Date(ms).toISOString().slice(0, 19)}.${rest}Z`;
}

/** The last lines of what `fits`, as records; a line that is not ended counts too. */
export async function* lastLines(
  log: AsyncIterable<readonly LogRecord[]>,
  count: number,
  fits: (record: LogRecord) => boolean,
): AsyncGenerator<LogRecord[]> {
  if (count === 0) return;
  let kept: { readonly record: LogRecord; readonly lines: number }[] = [];
  let lines = 0;
  let bytes = 0;
  for await (const portion of log) {
    for (const record of portion) {
      if (!fits(record)) continue;
      const own = countLines(record.data);
      kept.push({ record, lines: own });
      lines += own;
      bytes += record.data.byteLength;
    }
    let drop = 0;
    // One line more than is wanted, since the first that is kept may be the end of one.
    while (drop < kept.length - 1 && (lines - (kept[drop]?.lines ?? 0) > count || bytes > TAIL_BYTES)) {
      lines -= kept[drop]?.lines ?? 0;
      bytes -= kept[drop]?.record.data.byteLength ?? 0;
      drop += 1;
    }
    kept = kept.slice(drop);
  }
  const last = kept.at(-1)?.record.data;
  const open = last !== undefined && last.at(-1) !== NEWLINE ? 1 : 0;
  yield cutFront(
    kept.map(({ record }) => record),
    lines + open - count,
  );
}

/** Without the first `surplus` lines. */
function cutFront(records: readonly LogRecord[], surplus: number): LogRecord[] {
  let left = surplus;
  return records.flatMap((record) => {
    let at = 0;
    while (left > 0) {
      const newline = record.data.indexOf(NEWLINE, at);
      if (newline < 0) return [];
      at = newline + 1;
      left -= 1;
    }
    const data = record.data.subarray(at);
    return data.byteLength === 0 ? [] : [{ ...record, data }];
  });
}

function countLines(data: Buffer): number {
  let lines = 0;
  for (let at = data.indexOf(NEWLINE); at >= 0; at = data.indexOf(NEWLINE, at + 1)) lines += 1;
  return lines;
}
