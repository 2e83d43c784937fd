import { type PlaygroundId, SlipwayError } from "@slipway/protocol";
import type { Database, Transaction } from "../db/database.ts";
import type { TextContent } from "./playground.ts";

export interface StoredContent {
  readonly digest: string;
  readonly isText: boolean;
  readonly content: Uint8Array;
}

const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });

/** The content of a file as it is now; null when there is no such file. */
export async function readContent(
  database: Database | Transaction,
  id: PlaygroundId,
  path: string,
): Promise<StoredContent | null> {
  const row = await database.playgroundFile.findUnique({
    where: { playgroundId_path: { playgroundId: id, path } },
    include: { blob: true },
  });
  return row?.blob ?? null;
}

/** The content under a digest. In this form it takes a third of the time that Prisma's own form of bytes takes. */
export async function readBlob(
  database: Database | Transaction,
  id: PlaygroundId,
  digest: string,
): Promise<Buffer | null> {
  const rows = await database.$queryRaw<{ content: string }[]>`
    SELECT encode(content, 'base64') AS content FROM playground_blobs
    WHERE playground_id = ${id} AND digest = ${digest}`;
  const [row] = rows;
  return row ? Buffer.from(row.content, "base64") : null;
}

/** The text in a content that is one. @throws file-missing for all others */
export function textOf(path: string, stored: StoredContent | null): TextContent {
  if (!stored?.isText) {
    throw new SlipwayError("file-missing", "There is no text of this name.", { params: { path } });
  }
  return { path, digest: stored.digest, content: utf8.decode(stored.content) };
}
