import type { Readable } from "node:stream";
import type { z } from "zod";
import { EngineError } from "./engine-error.ts";

/**
 * The bytes of a body. Whoever stops reading doesn't break the connection: an answer to half a request has to reach its
 * client, which is sending still.
 */
export async function* bodyBytes(stream: Readable): AsyncGenerator<Uint8Array> {
  try {
    yield* stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>;
  } finally {
    stream.resume();
  }
}

/** A JSON body, bytes. Docker's own clients stay far below. */
export const BODY_BYTES = 4 * 1024 * 1024;
/** Of a sentence about what is wrong with a request, characters. */
const MOST_CHARACTERS = 512;

/** Reads a body to its end. Throws 413 where it is longer than BODY_BYTES. */
export async function readBody(stream: Readable): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of bodyBytes(stream)) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES) throw new EngineError(413, `The body has more than ${BODY_BYTES} bytes.`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

/** What is read of a body, unless it takes longer than this. Throws 408 then; the rest of it is nobody's any more. */
export async function inTime<Result>(reading: Promise<Result>, withinMs: number): Promise<Result> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    const error = new EngineError(408, `The body took longer than ${withinMs / 1_000} s to arrive.`);
    timer = setTimeout(() => reject(error), withinMs);
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    clearTimeout(timer);
    reading.catch(() => {});
  }
}

/** A body of JSON by its schema; an empty one is `{}`. Throws 400. */
export function parseBody<Schema extends z.ZodType>(body: Buffer, schema: Schema): z.output<Schema> {
  let value: unknown;
  try {
    value = body.byteLength === 0 ? {} : JSON.parse(body.toString("utf8"));
  } catch (error) {
    throw new EngineError(400, `invalid JSON: ${error instanceof Error ? error.message : "unreadable"}`);
  }
  return parsed(schema, value ?? {});
}

/** A value by its schema. Throws 400 and says what does not fit. */
export function parsed<Schema extends z.ZodType>(schema: Schema, value: unknown): z.output<Schema> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  const where = issue?.path.join(".") ?? "";
  const what = issue?.message ?? "does not fit";
  const sentence = where === "" ? what : `invalid parameter ${where}: ${what}`;
  throw new EngineError(400, sentence.slice(0, MOST_CHARACTERS));
}
