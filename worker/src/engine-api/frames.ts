/*
 * Docker's frames for output without a terminal: stdout is 1, stderr is 2, three zeros, the length as 32 bits big-endian
 * (Engine API reference, "Attach to a container", stream format).
 */

export type Stream = "stdout" | "stderr";

const HEADER_BYTES = 8;
const NUMBER: Readonly<Record<Stream, number>> = { stdout: 1, stderr: 2 };

/** One frame around `data`. */
export function frame(stream: Stream, data: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(HEADER_BYTES + data.byteLength);
  framed.writeUInt32BE(NUMBER[stream] << 24, 0);
  framed.writeUInt32BE(data.byteLength, 4);
  framed.set(data, HEADER_BYTES);
  return framed;
}

export const RAW_STREAM = "application/vnd.docker.raw-stream";
export const MULTIPLEXED_STREAM = "application/vnd.docker.multiplexed-stream";
