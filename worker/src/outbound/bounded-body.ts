import { OutboundFailure, type OutboundLimits, RATE_WINDOW_MS } from "./outbound.ts";

/**
 * A body within its limits of bytes and rate. Only the time in which the consumer waits for bytes counts, so a slow
 * consumer is not taken for a slow sender.
 */
export async function* boundedBody(
  source: AsyncIterable<Uint8Array>,
  host: string,
  { maxBytes, minBytesPerSecond }: Pick<OutboundLimits, "maxBytes" | "minBytesPerSecond">,
  now: () => number = () => performance.now(),
): AsyncGenerator<Uint8Array, void, undefined> {
  let received = 0;
  let windowBytes = 0;
  let waitedMs = 0;
  let asked = now();
  for await (const chunk of source) {
    waitedMs += now() - asked;
    received += chunk.byteLength;
    windowBytes += chunk.byteLength;
    if (received > maxBytes) {
      throw new OutboundFailure("too-large", host, `${host} sent more than ${maxBytes} bytes.`);
    }
    if (waitedMs >= RATE_WINDOW_MS) {
      if ((windowBytes * 1000) / waitedMs < minBytesPerSecond) {
        const message = `${host} sends less than ${minBytesPerSecond} bytes a second.`;
        throw new OutboundFailure("stalled", host, message);
      }
      waitedMs = 0;
      windowBytes = 0;
    }
    yield chunk;
    asked = now();
  }
}
