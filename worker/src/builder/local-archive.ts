import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { SlipwayError } from "@slipway/protocol";
import { applyTar } from "../layer/apply.ts";
import type { LayerLimits } from "../layer/layer.ts";
import { isTarHeader } from "../layer/tar-scanner.ts";
import type { Owner } from "./owner.ts";
import type { SourceNode } from "./source/source-tree.ts";

export type ArchiveForm = "tar" | Compression;
type Compression = "gzip" | "bzip2" | "xz" | "zstd";

/** What one archive of an ADD may become. */
export const ARCHIVE_LIMITS: LayerLimits = { maxBytes: 4 * 1024 ** 3, maxEntries: 200_000 };
/** What a tar has beside content, for each entry. */
const OVERHEAD_BYTES = 8192;
/** What is charged at once. */
const CHARGE_BYTES = 1024 ** 2;
/** First block of a tar. */
const HEAD_BYTES = 512;
/** Memory of a program that decompresses; the largest presets need 65 MiB (xz) and 128 MiB (zstd). */
const XZ_MEMORY = "--memlimit-decompress=134217728";
const ZSTD_MEMORY = "--memory=134217728";
/** `nobody`: what the programs read comes from strangers. */
const UNPRIVILEGED = { uid: 65_534, gid: 65_534 };

const MAGICS: readonly (readonly [Compression, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b, 0x08]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
  ["zstd", [0x28, 0xb5, 0x2f, 0xfd]],
];

/**
 * Which archive a file is, or null. As in BuildKit names say nothing: it is one when its first bytes, decompressed where
 * they say that they are compressed, are the header of a tar. What can't be decompressed is a file like others.
 */
export async function archiveFormOf(node: SourceNode, signal: AbortSignal): Promise<ArchiveForm | null> {
  const head = await headOf(streamOf(node));
  const compression = compressionOf(head);
  if (compression === undefined) return isTarHeader(head) ? "tar" : null;
  try {
    return isTarHeader(await headOf(opened(compression, streamOf(node)))) ? compression : null;
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

export interface UnpackOptions {
  readonly name: string;
  readonly owner: Owner | null;
  readonly signal: AbortSignal;
  /** Called before so many bytes are unpacked. */
  readonly charge: (bytes: number) => Promise<void>;
}

/**
 * Unpacks an archive into an open directory, which is closed. Rejects with `archive-invalid`; what was written until then
 * stays.
 */
export async function unpackArchive(
  form: ArchiveForm,
  node: SourceNode,
  destination: number,
  options: UnpackOptions,
): Promise<void> {
  const { name, owner, signal, charge } = options;
  try {
    await applyTar(charged(bounded(opened(form, streamOf(node))), charge), destination, {
      limits: ARCHIVE_LIMITS,
      whiteouts: "keep",
      subject: `The archive ${name.slice(0, 200)}`,
      signal,
      ...(owner ? { owner } : {}),
    });
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== "context-invalid") throw error;
    throw new SlipwayError("archive-invalid", error.message, {
      params: { ...error.params, path: name.slice(0, 200) },
      cause: error,
    });
  }
}

/** However long the zeros behind a tar are, they end here. */
async function* bounded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const { maxBytes, maxEntries } = ARCHIVE_LIMITS;
  let left = maxBytes + maxEntries * OVERHEAD_BYTES;
  for await (const chunk of bytes) {
    left -= chunk.byteLength;
    if (left < 0) throw broken(`it unpacks to more than ${maxBytes} bytes`);
    yield chunk;
  }
}

/** Charges the bytes of a tar, which are more than those of its files, ahead and in portions. */
async function* charged(
  bytes: AsyncIterable<Uint8Array>,
  charge: (bytes: number) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  let ahead = 0;
  for await (const chunk of bytes) {
    ahead -= chunk.byteLength;
    if (ahead < 0) {
      const portion = Math.max(CHARGE_BYTES, -ahead);
      await charge(portion);
      ahead += portion;
    }
    yield chunk;
  }
}

/** The tar in an archive. */
function opened(form: ArchiveForm, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  switch (form) {
    case "tar":
      return bytes;
    case "gzip":
      return throughGunzip(bytes);
    case "zstd":
      return throughProgram(["zstd", "--decompress", "--stdout", "--quiet", ZSTD_MEMORY], bytes);
    case "xz":
      return throughProgram(["xz", "--decompress", "--stdout", XZ_MEMORY], bytes);
    case "bzip2":
      return throughProgram(["bzip2", "--decompress", "--stdout"], bytes);
  }
}

async function* throughGunzip(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const source = Readable.from(bytes, { objectMode: false });
  const gunzip = createGunzip();
  source.on("error", (error) => gunzip.destroy(error));
  source.pipe(gunzip);
  try {
    yield* gunzip as AsyncIterable<Uint8Array>;
  } catch (error) {
    throw isZlibError(error) ? broken("gzip can't read it") : error;
  } finally {
    source.destroy();
    gunzip.destroy();
  }
}

async function* throughProgram(
  [program, ...args]: readonly [string, ...string[]],
  bytes: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const source = Readable.from(bytes, { objectMode: false });
  const child = spawn(program, args, {
    stdio: ["pipe", "pipe", "ignore"],
    cwd: "/",
    env: { PATH: process.env.PATH },
    ...UNPRIVILEGED,
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  ended.catch(() => undefined);
  child.stdin.on("error", () => source.destroy());
  source.on("error", () => child.kill("SIGKILL"));
  source.pipe(child.stdin);
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    if ((await ended) !== 0) throw broken(`${program} can't read it`);
  } finally {
    child.kill("SIGKILL");
    source.destroy();
  }
}

async function* streamOf(node: SourceNode): AsyncGenerator<Uint8Array> {
  const content = node.content();
  if (content instanceof Uint8Array) yield content;
  else yield* content;
}

async function headOf(bytes: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  let head: Uint8Array = new Uint8Array();
  for await (const chunk of bytes) {
    head = Buffer.concat([head, chunk.subarray(0, HEAD_BYTES - head.byteLength)]);
    if (head.byteLength === HEAD_BYTES) break;
  }
  return head;
}

function isZlibError(error: unknown): boolean {
  return error instanceof Error && "code" in error && /^Z_/.test(String(error.code));
}

function broken(reason: string): SlipwayError {
  return new SlipwayError("archive-invalid", `The archive can't be unpacked: ${reason}.`, {
    params: { reason },
  });
}

/** The tar in a stream that may be compressed in one of the forms that ADD knows. */
export async function* tarIn(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  const iterator = bytes[Symbol.asyncIterator]();
  let head: Uint8Array = new Uint8Array();
  let isWhole = false;
  while (head.byteLength < HEAD_BYTES && !isWhole) {
    const next = await iterator.next();
    if (next.done) isWhole = true;
    else head = Buffer.concat([head, next.value]);
  }
  const form = compressionOf(head) ?? "tar";
  yield* opened(form, follow(head, isWhole ? null : iterator));
}

async function* follow(head: Uint8Array, rest: AsyncIterator<Uint8Array> | null): AsyncGenerator<Uint8Array> {
  try {
    yield head;
    while (rest) {
      const next = await rest.next();
      if (next.done) return;
      yield next.value;
    }
  } finally {
    await rest?.return?.();
  }
}

const compressionOf = (head: Uint8Array): Compression | undefined =>
  MAGICS.find(([, magic]) => magic.every((byte, index) => head[index] === byte))?.[0];
