import { createHash } from "node:crypto";
import type { PlaygroundId } from "@slipway/protocol";
import type { Transaction } from "../db/database.ts";
import { MAX_TEXT_BYTES } from "./limits.ts";

/*
 * Contents of files by digest. All functions want the row of the playground to be locked, so that nothing is collected while
 * somebody is about to refer to it.
 */

/** Rows of one insert. */
const INSERT_ROWS = 200;

export const digestOf = (content: Uint8Array): string =>
  `sha256:${createHash("sha256").update(content).digest("hex")}`;

/** Whether an editor can show it: UTF-8 without U+0000, not too long. */
export function isText(content: Uint8Array): boolean {
  if (content.length > MAX_TEXT_BYTES || content.includes(0)) return false;
  try {
    new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(content);
    return true;
  } catch {
    return false;
  }
}

/** Whether it names the program that runs it, and so is meant to be run. */
export const isScript = (content: Uint8Array): boolean => content[0] === 0x23 && content[1] === 0x21;

/** Stores contents that are not there yet. */
export async function putBlobs(
  transaction: Transaction,
  playgroundId: PlaygroundId,
  contents: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  const data = [...contents].map(([digest, content]) => ({
    playgroundId,
    digest,
    bytes: content.length,
    isText: isText(content),
    content: Uint8Array.from(content),
  }));
  for (let from = 0; from < data.length; from += INSERT_ROWS) {
    const rows = data.slice(from, from + INSERT_ROWS);
    await transaction.playgroundBlob.createMany({ data: rows, skipDuplicates: true });
  }
}

/** Deletes all that no file, no version and no build under way needs; `digests`: looks at these alone. */
export async function dropUnused(
  transaction: Transaction,
  id: PlaygroundId,
  digests: readonly string[] | null = null,
): Promise<void> {
  await transaction.$executeRaw`
    DELETE FROM playground_blobs b
    WHERE b.playground_id = ${id} AND NOT b.is_versioned
      AND (${digests}::text[] IS NULL OR b.digest = ANY (${digests}::text[]))
      AND NOT EXISTS (SELECT FROM playground_files f WHERE f.playground_id = b.playground_id AND f.digest = b.digest)
      AND NOT EXISTS (SELECT FROM build_context_files c WHERE c.playground_id = b.playground_id AND c.digest = b.digest)`;
}
