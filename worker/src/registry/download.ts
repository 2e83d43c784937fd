import { open, rm } from "node:fs/promises";
import { SlipwayError } from "@slipway/protocol";
import { asDiskError } from "../content/atomic-file.ts";
import { headerOf, OutboundFailure, type OutboundResponse } from "../outbound/outbound.ts";
import { delayMs, pause } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import { asRegistryError, registryError } from "./failure.ts";
import { sizeOf } from "./partial-files.ts";
import { type AnnouncedBlob, MAX_REDIRECTS } from "./registry.ts";

/**
 * Brings a blob into `file`, going on where that ends (RFC 9110, 14). The file then has the size that was announced; whether
 * it has the digest is for the caller to see. A break is followed by another attempt for as long as bytes arrive. Rejects
 * with `image-invalid` and `registry-*`; what has arrived stays.
 */
export async function download(
  connection: Connection,
  blob: AnnouncedBlob,
  file: string,
  onBytes: (receivedBytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let have = await sizeOf(file);
  for (let attempt = 0; ; ) {
    if (have > blob.sizeBytes) {
      await rm(file, { force: true });
      have = 0;
    }
    onBytes(have);
    if (have === blob.sizeBytes && have > 0) return;
    const before = have;
    try {
      await receive(connection, blob, file, have, onBytes, signal);
      return;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof OutboundFailure)) throw error;
      if (error.reason === "too-large") throw blobInvalid(connection, blob, "does not end where it should");
      if (!error.passing) throw asRegistryError(error, connection.endpoint);
      have = await sizeOf(file);
      attempt = have > before ? 0 : attempt + 1;
      if (attempt + 1 >= connection.patience.attempts) throw asRegistryError(error, connection.endpoint);
      await pause(delayMs(attempt, connection.patience), signal);
    }
  }
}

async function receive(
  connection: Connection,
  blob: AnnouncedBlob,
  file: string,
  have: number,
  onBytes: (receivedBytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  const { patience } = connection;
  const response = await connection.request(connection.url(`blobs/${blob.digest}`), {
    headers: { "accept-encoding": "identity", ...(have > 0 && { range: `bytes=${have}-` }) },
    limits: {
      totalMs: null,
      maxBytes: blob.sizeBytes,
      minBytesPerSecond: patience.minBytesPerSecond,
      maxRedirects: MAX_REDIRECTS,
    },
    signal,
  });
  const from = await startOf(connection, response, blob, have);
  if (from === null) {
    await rm(file, { force: true });
    throw new OutboundFailure("reset", connection.endpoint.origin.host, "the range is refused");
  }
  const end = await write(response, file, from, blob, onBytes);
  if (end < blob.sizeBytes) {
    throw new OutboundFailure("reset", connection.endpoint.origin.host, `the blob ends after ${end} bytes`);
  }
}

/** Where the bytes of an answer begin, or null when the registry doesn't know of such a range. */
async function startOf(
  connection: Connection,
  response: OutboundResponse,
  blob: AnnouncedBlob,
  have: number,
): Promise<number | null> {
  const { endpoint } = connection;
  const length = headerOf(response, "content-length");
  if (response.status === 200) {
    if (length !== null && Number(length) !== blob.sizeBytes) {
      await response.discard();
      throw blobInvalid(connection, blob, `has ${length} bytes, and its manifest says ${blob.sizeBytes}`);
    }
    return 0;
  }
  if (response.status === 206) {
    const range = /^bytes (\d+)-(\d+)\/(\d+|\*)$/.exec(headerOf(response, "content-range") ?? "");
    if (range && Number(range[1]) === have && Number(range[2]) < blob.sizeBytes) return have;
    await response.discard();
    throw registryError(
      "registry-failed",
      endpoint,
      "it answers another range than the one that was asked for",
    );
  }
  await response.discard();
  if (response.status === 416 && have > 0) return null;
  if (response.status === 404) throw blobInvalid(connection, blob, "is not in the registry");
  const code =
    response.status === 401 || response.status === 403 ? "registry-unauthorized" : "registry-failed";
  throw registryError(code, endpoint, `it answers ${response.status} for the blob ${blob.digest}`);
}

async function write(
  response: OutboundResponse,
  file: string,
  from: number,
  blob: AnnouncedBlob,
  onBytes: (receivedBytes: number) => void,
): Promise<number> {
  let end = from;
  const handle = await open(file, from === 0 ? "w" : "r+", 0o600);
  try {
    for await (const chunk of response.body) {
      if (end + chunk.byteLength > blob.sizeBytes) {
        throw new OutboundFailure("too-large", response.url.host, `${blob.digest} does not end.`);
      }
      for (let written = 0; written < chunk.byteLength; ) {
        const { bytesWritten } = await handle.write(chunk, written, chunk.byteLength - written, end);
        written += bytesWritten;
        end += bytesWritten;
      }
      onBytes(end);
    }
  } catch (error) {
    throw asDiskError(error);
  } finally {
    await handle.close();
  }
  return end;
}

/** What a registry has as a blob is not what its manifest announced. */
export function blobInvalid(connection: Connection, blob: AnnouncedBlob, what: string): SlipwayError {
  const { domain } = connection.endpoint;
  const message = `The blob ${blob.digest} of ${domain}/${connection.repository} ${what}.`;
  return new SlipwayError("image-invalid", message, {
    params: {
      reference: `${domain}/${connection.repository}`,
      registry: domain,
      reason: what.slice(0, 1000),
    },
  });
}
