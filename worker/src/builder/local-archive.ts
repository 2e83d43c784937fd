import { spawn } from "node:child_process";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";
import { SlipwayError } from "@slipway/protocol";

export type ArchiveForm = "tar" | "gzip" | "bzip2" | "xz";

/** Bytes at the start of a file that say what it is. */
export const ARCHIVE_HEAD_BYTES = 512;

const MAGICS: readonly (readonly [ArchiveForm, readonly number[]])[] = [
  ["gzip", [0x1f, 0x8b, 0x08]],
  ["bzip2", [0x42, 0x5a, 0x68]],
  ["xz", [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00]],
];

/** Which archive a file's first bytes promise, or null. As in Docker, names of files say nothing. */
export function detectArchive(head: Uint8Array): ArchiveForm | null {
  for (const [form, magic] of MAGICS) {
    if (magic.every((byte, index) => head[index] === byte)) return form;
  }
  return Buffer.from(head.subarray(257, 262)).toString("latin1") === "ustar" ? "tar" : null;
}

/** The tar in an archive. Failing decompression fails the stream with `context-invalid`. */
export function openArchive(form: ArchiveForm, bytes: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  if (form === "tar") return bytes;
  const source = Readable.from(bytes, { objectMode: false });
  if (form === "gzip") {
    const gunzip = createGunzip();
    source.on("error", (error) => gunzip.destroy(error));
    return source.pipe(gunzip);
  }
  return throughProgram(form, source);
}

async function* throughProgram(program: "bzip2" | "xz", source: Readable): AsyncGenerator<Uint8Array> {
  const child = spawn(program, ["--decompress", "--stdout"], { stdio: ["pipe", "pipe", "ignore"] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  ended.catch(() => undefined);
  child.stdin.on("error", () => source.destroy());
  source.pipe(child.stdin);
  try {
    yield* child.stdout as AsyncIterable<Uint8Array>;
    if ((await ended) !== 0) throw broken(program);
  } finally {
    child.kill("SIGKILL");
    source.destroy();
  }
}

function broken(program: string): SlipwayError {
  return new SlipwayError("context-invalid", `The archive can't be decompressed (${program}).`, {
    params: { program },
  });
}
