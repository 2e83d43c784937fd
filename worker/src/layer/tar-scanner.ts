import { nameOf } from "./name-bytes.ts";
import { TarProblem } from "./tar-problem.ts";

const BLOCK_BYTES = 512;
/** Long names and PAX records of one entry. */
const MAX_EXTRA_BYTES = 1024 * 1024;

export type ScannedType = "file" | "link" | "symlink" | "directory" | "fifo" | "other";

/** One entry of a tar. Names are text of layer/name-bytes.ts. */
export interface ScannedEntry {
  readonly type: ScannedType;
  /** The type flag as it stands there. */
  readonly flag: string;
  readonly name: string;
  readonly linkName: string;
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly mtimeSeconds: number;
  /** File capabilities as the kernel keeps them (capabilities(7)), byte by byte. */
  readonly capability: Uint8Array | null;
  readonly sizeBytes: number;
  /** Where the content starts, bytes from the start of the tar. */
  readonly offset: number;
}

export interface ScannedTar {
  /** Throws to end the scan. */
  entry(entry: ScannedEntry): void;
  /** Bytes of the file that `entry` was called for last. */
  content(bytes: Uint8Array): void;
  /** All of its content has come; also called for what has none. */
  end(): void;
}

type State =
  | { readonly kind: "header" }
  | { readonly kind: "content"; left: number }
  | { readonly kind: "padding"; left: number }
  | { readonly kind: "extra"; readonly flag: string; readonly sizeBytes: number; left: number }
  | { readonly kind: "ended" };

/** What long names and PAX records say of the next entry. */
interface Extra {
  name?: string;
  linkName?: string;
  sizeBytes?: number;
  mtimeSeconds?: number;
  uid?: number;
  gid?: number;
  capability?: Uint8Array;
}

/**
 * Reads a tar (ustar, GNU's long names, PAX: pax(1)) that comes in chunks, and tells where in it the contents lie, so
 * that whoever keeps the bytes needs no copy of them. Names keep every byte, which tar-stream's don't.
 */
export class TarScanner {
  readonly #sink: ScannedTar;
  #state: State = { kind: "header" };
  #block: Buffer = Buffer.alloc(0);
  #extraParts: Uint8Array[] = [];
  #extra: Extra = {};
  #position = 0;
  #padding = 0;

  constructor(sink: ScannedTar) {
    this.#sink = sink;
  }

  /** Throws TarProblem for bytes that are no tar. */
  feed(chunk: Uint8Array): void {
    for (let at = 0; at < chunk.byteLength; ) {
      const taken = this.#take(chunk.subarray(at));
      at += taken;
      this.#position += taken;
      this.#settle();
    }
  }

  /** Says that nothing more comes. Throws TarProblem when that is in the middle of an entry. */
  finish(): void {
    const isWhole =
      this.#state.kind === "ended" || (this.#state.kind === "header" && !this.#block.byteLength);
    if (!isWhole) throw new TarProblem("ends in the middle of an entry");
  }

  /** Takes some bytes from the start of the chunk, and says how many. */
  #take(chunk: Uint8Array): number {
    const state = this.#state;
    switch (state.kind) {
      case "ended":
        return chunk.byteLength;
      case "header": {
        const part = chunk.subarray(0, BLOCK_BYTES - this.#block.byteLength);
        this.#block = this.#block.byteLength === 0 ? Buffer.from(part) : Buffer.concat([this.#block, part]);
        return part.byteLength;
      }
      default: {
        const part = chunk.subarray(0, state.left);
        state.left -= part.byteLength;
        if (state.kind === "content") this.#sink.content(part);
        else if (state.kind === "extra") this.#extraParts.push(Buffer.from(part));
        return part.byteLength;
      }
    }
  }

  /** Goes on to the next state when this one has all of its bytes. */
  #settle(): void {
    const state = this.#state;
    if (state.kind === "header") {
      if (this.#block.byteLength < BLOCK_BYTES) return;
      const block = this.#block;
      this.#block = Buffer.alloc(0);
      this.#header(block);
    } else if (state.kind !== "ended" && state.left === 0) {
      if (state.kind === "content") this.#sink.end();
      if (state.kind === "extra") this.#readExtra(state.flag);
      if (state.kind !== "padding" && this.#padding > 0)
        this.#state = { kind: "padding", left: this.#padding };
      else this.#state = { kind: "header" };
    }
  }

  #header(block: Buffer): void {
    if (isEmpty(block)) {
      // What comes after the end of an archive is nobody's business.
      this.#state = { kind: "ended" };
      return;
    }
    checkSum(block);
    const flag = String.fromCharCode(block[156] || 0x30);
    const sizeBytes = numberAt(block, 124, 12);
    if (sizeBytes < 0) throw new TarProblem("has an entry of a negative size");
    if ("xgLK".includes(flag)) {
      if (sizeBytes > MAX_EXTRA_BYTES) throw new TarProblem(`has an entry with ${sizeBytes} bytes of name`);
      this.#padding = paddingOf(sizeBytes);
      this.#state = { kind: "extra", flag, sizeBytes, left: sizeBytes };
      this.#settle();
      return;
    }
    this.#entry(block, flag, sizeBytes);
  }

  #entry(block: Buffer, flag: string, headerSize: number): void {
    const extra = this.#extra;
    this.#extra = {};
    const name = extra.name ?? headerName(block);
    const type = flag === "0" && name.endsWith("/") ? "directory" : (TYPES[flag] ?? "other");
    const sizeBytes = extra.sizeBytes ?? headerSize;
    this.#sink.entry({
      type,
      flag,
      name,
      linkName: extra.linkName ?? textAt(block, 157, 100),
      mode: numberAt(block, 100, 8) & 0o7777,
      uid: extra.uid ?? idAt(block, 108),
      gid: extra.gid ?? idAt(block, 116),
      mtimeSeconds: extra.mtimeSeconds ?? numberAt(block, 136, 12),
      capability: extra.capability ?? null,
      sizeBytes,
      offset: this.#position,
    });
    // A size that a link or a directory states has no content behind it.
    const left = type === "file" || type === "other" ? sizeBytes : 0;
    this.#padding = paddingOf(left);
    this.#state = { kind: "content", left };
    if (left === 0) this.#settle();
  }

  #readExtra(flag: string): void {
    const bytes = Buffer.concat(this.#extraParts);
    this.#extraParts = [];
    if (flag === "L") this.#extra.name = nameOf(untilNul(bytes));
    else if (flag === "K") this.#extra.linkName = nameOf(untilNul(bytes));
    else if (flag === "x") Object.assign(this.#extra, paxRecords(bytes));
  }
}

const TYPES: Readonly<Record<string, ScannedType>> = {
  "0": "file",
  "7": "file",
  "1": "link",
  "2": "symlink",
  "5": "directory",
  "6": "fifo",
};

/** A host id is 32 bits wide, and the highest one means "no id". */
const MAX_ID = 2 ** 32 - 2;

const paddingOf = (bytes: number): number => (BLOCK_BYTES - (bytes % BLOCK_BYTES)) % BLOCK_BYTES;

const ZEROS = Buffer.alloc(BLOCK_BYTES);
const isEmpty = (block: Buffer): boolean => block.equals(ZEROS);

/** The sum of a header's bytes, its own field taken for spaces. */
export function isTarHeader(block: Uint8Array): boolean {
  if (block.byteLength < BLOCK_BYTES) return false;
  let sum = 0;
  for (let at = 0; at < BLOCK_BYTES; at += 1) sum += at >= 148 && at < 156 ? 0x20 : (block[at] ?? 0);
  return sum === numberAt(Buffer.from(block.buffer, block.byteOffset, BLOCK_BYTES), 148, 8);
}

function checkSum(block: Buffer): void {
  if (!isTarHeader(block)) throw new TarProblem("is no tar: the check sum of a header is wrong");
}

/** Octal digits, or with the highest bit set the number itself, as GNU tar writes large ones. */
function numberAt(block: Buffer, at: number, length: number): number {
  const first = block[at] ?? 0;
  if (first & 0x80) {
    const isNegative = first === 0xff;
    let value = isNegative ? -1 : first & 0x7f;
    for (let index = at + 1; index < at + length; index += 1) value = value * 256 + (block[index] ?? 0);
    if (!Number.isSafeInteger(value)) throw new TarProblem("has a number that is too large");
    return value;
  }
  const text = block
    .toString("latin1", at, at + length)
    .replaceAll("\0", " ")
    .trim();
  if (text === "") return 0;
  if (!/^[0-7]+$/.test(text)) throw new TarProblem("is no tar: a number of a header is none");
  return Number.parseInt(text, 8);
}

function idAt(block: Buffer, at: number): number {
  return checkedId(numberAt(block, at, 8));
}

function checkedId(id: number): number {
  if (id < 0 || id > MAX_ID) throw new TarProblem("has an owner that there can't be");
  return id;
}

function untilNul(bytes: Buffer): Buffer {
  const end = bytes.indexOf(0);
  return end < 0 ? bytes : bytes.subarray(0, end);
}

const textAt = (block: Buffer, at: number, length: number): string =>
  nameOf(untilNul(block.subarray(at, at + length)));

function headerName(block: Buffer): string {
  const name = textAt(block, 0, 100);
  // GNU's older form has other things where ustar has the prefix.
  const prefix = block.toString("latin1", 257, 263) === "ustar\0" ? textAt(block, 345, 155) : "";
  return prefix === "" ? name : `${prefix}/${name}`;
}

function paxRecords(bytes: Buffer): Extra {
  const extra: Extra = {};
  for (let at = 0; at < bytes.byteLength; ) {
    const space = bytes.indexOf(0x20, at);
    const length = Number(bytes.toString("latin1", at, Math.max(at, space)));
    const record = bytes.subarray(space + 1, at + length - 1);
    const equals = record.indexOf(0x3d);
    if (
      space < 0 ||
      !Number.isInteger(length) ||
      length <= space - at + 1 ||
      at + length > bytes.byteLength ||
      equals < 0
    ) {
      throw new TarProblem("has PAX records that are none");
    }
    takeRecord(extra, record.toString("latin1", 0, equals), record.subarray(equals + 1));
    at += length;
  }
  return extra;
}

function takeRecord(extra: Extra, key: string, value: Buffer): void {
  if (key === "path") extra.name = nameOf(value);
  else if (key === "linkpath") extra.linkName = nameOf(value);
  else if (key === "SCHILY.xattr.security.capability") extra.capability = Buffer.from(value);
  else if (key === "mtime") extra.mtimeSeconds = numberOf(value);
  else if (key === "uid" || key === "gid") extra[key] = checkedId(numberOf(value));
  else if (key === "size") {
    extra.sizeBytes = numberOf(value);
    if (extra.sizeBytes < 0) throw new TarProblem("has an entry of a negative size");
  }
}

/** A number of a PAX record; fractions, which only times have, are cut off. */
function numberOf(value: Buffer): number {
  const number = Math.floor(Number(value.toString("latin1")));
  if (!Number.isSafeInteger(number)) throw new TarProblem("has PAX records that are none");
  return number;
}
