import { createHash } from "node:crypto";
import { promisify } from "node:util";
import { deflate } from "node:zlib";
import type { GitObject, ObjectKind } from "./objects.ts";

const compress = promisify(deflate);

/** https://git-scm.com/docs/pack-format */
const KINDS = { commit: 1, tree: 2, blob: 3 } as const satisfies Record<ObjectKind, number>;

/** A pack of `count` objects, piece by piece; one object is in memory at a time. */
export async function* packOf(
  count: number,
  objects: AsyncIterable<GitObject> | Iterable<GitObject>,
): AsyncGenerator<Buffer, void> {
  const digest = createHash("sha1");
  const piece = (bytes: Buffer): Buffer => {
    digest.update(bytes);
    return bytes;
  };
  const head = Buffer.alloc(12);
  head.write("PACK");
  head.writeUInt32BE(2, 4);
  head.writeUInt32BE(count, 8);
  yield piece(head);
  for await (const { kind, content } of objects) {
    yield piece(Buffer.concat([headOf(KINDS[kind], content.length), await compress(content)]));
  }
  yield digest.digest();
}

/** Kind and size: four bits of the size beside the kind, then seven in each further byte. */
function headOf(kind: number, size: number): Buffer {
  const bytes: number[] = [];
  let rest = Math.floor(size / 16);
  let byte = (kind << 4) | (size & 15);
  while (rest > 0) {
    bytes.push(byte | 0x80);
    byte = rest & 0x7f;
    rest = Math.floor(rest / 128);
  }
  bytes.push(byte);
  return Buffer.from(bytes);
}
