import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { Readable } from "node:stream";
import { EngineError } from "./engine-error.ts";
import { BODY_BYTES } from "./request-body.ts";

/**
 * The body of a request that asks for an upgrade: Node hands over the connection right behind the head, and what a client
 * such as `docker exec` sends as JSON comes before the first byte of stdin.
 */
export async function takeBody(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<Buffer> {
  const length = Number(request.headers["content-length"] ?? 0);
  if (!Number.isInteger(length) || length < 0) throw new EngineError(400, "Content-Length is no number.");
  if (length > BODY_BYTES) throw new EngineError(413, `The body has more than ${BODY_BYTES} bytes.`);
  const chunks = [head];
  let bytes = head.byteLength;
  while (bytes < length) {
    const chunk = await nextChunk(socket);
    if (chunk === null) throw new EngineError(400, "The body ended early.");
    chunks.push(chunk);
    bytes += chunk.byteLength;
  }
  const all = Buffer.concat(chunks);
  if (all.byteLength > length) socket.unshift(all.subarray(length));
  return all.subarray(0, length);
}

function nextChunk(socket: Duplex): Promise<Buffer | null> {
  return new Promise((resolve, reject) => {
    const settle = (work: () => void) => () => {
      socket.off("readable", readable).off("end", ended).off("close", ended).off("error", failed);
      work();
    };
    const readable = () => {
      const chunk = socket.read() as Buffer | null;
      if (chunk !== null) settle(() => resolve(chunk))();
    };
    const ended = settle(() => resolve(null));
    const failed = (error: Error) => settle(() => reject(error))();
    socket.on("readable", readable).on("end", ended).on("close", ended).on("error", failed);
    readable();
  });
}

/** A body that has been read already. */
export const bodyStream = (body: Buffer): Readable => Readable.from(body.byteLength > 0 ? [body] : []);
