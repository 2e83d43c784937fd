import type { OutboundResponse } from "../outbound/outbound.ts";

/** The body of an answer; its size is bounded by the limits of the request. */
export async function readBody(response: OutboundResponse): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return Buffer.concat(chunks);
}

/** The body as JSON; undefined for what is none. */
export async function readDocument(response: OutboundResponse): Promise<unknown> {
  return parseDocument(await readBody(response));
}

export function parseDocument(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}
