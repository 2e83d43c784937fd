import { createReadStream } from "node:fs";
import { type Digest, digestSchema } from "@slipway/protocol";
import { headerOf, type OutboundResponse } from "../outbound/outbound.ts";
import { delayMs, pause } from "./backoff.ts";
import type { Connection } from "./connection.ts";
import { registryError } from "./failure.ts";
import type { AnnouncedBlob } from "./registry.ts";

/** Bytes to be sent, from `start` to the end. */
export type BlobSource = (start: number) => AsyncIterable<Uint8Array>;

export const fileSource =
  (file: string): BlobSource =>
  (start) =>
    createReadStream(file, { start, highWaterMark: 256 * 1024 });

/** True when the repository has the blob. */
export async function hasBlob(
  connection: Connection,
  blob: AnnouncedBlob,
  signal: AbortSignal,
): Promise<boolean> {
  const url = connection.url(`blobs/${blob.digest}`);
  const response = await connection.request(url, { method: "HEAD", signal });
  await response.discard();
  if (response.status === 200) {
    const length = headerOf(response, "content-length");
    return length === null || Number(length) === blob.sizeBytes;
  }
  if (response.status === 404) return false;
  throw refused(connection, response.status, `for the blob ${blob.digest}`);
}

export type Sent = "mounted" | "uploaded";

/**
 * Brings a blob into the repository: taken over from another repository of the same registry where that has it and the
 * person may read it (distribution-spec, "Mounting a blob from another repository"), or sent. A break is followed by
 * another attempt, from where the registry says that it has got to.
 */
export async function sendBlob(
  connection: Connection,
  blob: AnnouncedBlob,
  source: BlobSource,
  from: string | null,
  onBytes: (sentBytes: number) => void,
  signal: AbortSignal,
): Promise<Sent> {
  const { attempts } = connection.patience;
  for (let attempt = 0; ; attempt += 1) {
    const begun = await begin(connection, blob, attempt === 0 ? from : null, signal);
    if (begun === "mounted") return begun;
    try {
      await sendAll(connection, begun, blob, source, onBytes, signal);
      return "uploaded";
    } catch (error) {
      signal.throwIfAborted();
      if (attempt + 1 >= attempts || !(error instanceof BrokenUpload)) {
        throw error instanceof BrokenUpload ? error.cause : error;
      }
      await pause(delayMs(attempt, connection.patience), signal);
    }
  }
}

/** An upload that can't go on and may be begun anew. */
class BrokenUpload extends Error {}

async function begin(
  connection: Connection,
  blob: AnnouncedBlob,
  from: string | null,
  signal: AbortSignal,
): Promise<URL | "mounted"> {
  const url = connection.url("blobs/uploads/");
  if (from !== null) {
    url.searchParams.set("mount", blob.digest);
    url.searchParams.set("from", from);
  }
  const response = await connection.request(url, {
    method: "POST",
    headers: { "content-length": "0" },
    signal,
  });
  await response.discard();
  if (response.status === 201 && from !== null) return "mounted";
  if (response.status === 202) return locationOf(connection, response);
  throw refused(connection, response.status, "to the start of an upload");
}

async function sendAll(
  connection: Connection,
  begun: URL,
  blob: AnnouncedBlob,
  source: BlobSource,
  onBytes: (sentBytes: number) => void,
  signal: AbortSignal,
): Promise<void> {
  let location = begun;
  let sent = 0;
  let breaks = 0;
  while (sent < blob.sizeBytes) {
    try {
      location = await sendRest(connection, location, blob, source, sent, onBytes, signal);
      sent = blob.sizeBytes;
    } catch (error) {
      signal.throwIfAborted();
      breaks += 1;
      const status =
        breaks < connection.patience.attempts ? await progressOf(connection, location, signal) : null;
      if (status === null || status.sent > blob.sizeBytes) throw new BrokenUpload("broken", { cause: error });
      ({ location, sent } = status);
      await pause(delayMs(breaks, connection.patience), signal);
    }
    onBytes(sent);
  }
  await finish(connection, location, blob, signal);
}

/** One request with all that is missing, as Docker's own client does it: not every registry takes parts of its own size. */
async function sendRest(
  connection: Connection,
  location: URL,
  blob: AnnouncedBlob,
  source: BlobSource,
  start: number,
  onBytes: (sentBytes: number) => void,
  signal: AbortSignal,
): Promise<URL> {
  const response = await connection.request(location, {
    method: "PATCH",
    headers: {
      "content-type": "application/octet-stream",
      "content-length": String(blob.sizeBytes - start),
      ...(start > 0 && { "content-range": `${start}-${blob.sizeBytes - 1}` }),
    },
    body: () => counted(source(start), start, onBytes),
    limits: { totalMs: null },
    repeats: false,
    signal,
  });
  await response.discard();
  if (response.status === 202 || response.status === 204) return locationOf(connection, response);
  throw refused(connection, response.status, "to a part of a blob");
}

async function* counted(
  bytes: AsyncIterable<Uint8Array>,
  start: number,
  onBytes: (sentBytes: number) => void,
): AsyncGenerator<Uint8Array> {
  let sent = start;
  for await (const chunk of bytes) {
    yield chunk;
    sent += chunk.byteLength;
    onBytes(sent);
  }
}

/** How much of an upload the registry has, or null when it doesn't know of the upload any more. */
async function progressOf(
  connection: Connection,
  location: URL,
  signal: AbortSignal,
): Promise<{ location: URL; sent: number } | null> {
  try {
    const response = await connection.request(location, { signal });
    await response.discard();
    if (response.status !== 204) return null;
    const range = /^(?:bytes=)?0-(\d{1,15})$/.exec(headerOf(response, "range") ?? "");
    const last = Number(range?.[1] ?? 0);
    return { location: locationOf(connection, response), sent: last === 0 ? 0 : last + 1 };
  } catch {
    signal.throwIfAborted();
    return null;
  }
}

async function finish(
  connection: Connection,
  location: URL,
  blob: AnnouncedBlob,
  signal: AbortSignal,
): Promise<void> {
  const url = new URL(location);
  url.searchParams.set("digest", blob.digest);
  const response = await connection.request(url, {
    method: "PUT",
    headers: { "content-length": "0" },
    repeats: false,
    signal,
  });
  await response.discard();
  if (response.status === 201) return;
  const error = refused(connection, response.status, `to the end of the blob ${blob.digest}`);
  throw response.status === 404 || response.status === 416
    ? new BrokenUpload("lost", { cause: error })
    : error;
}

/** Writes a manifest under a tag or a digest, and gives its digest. */
export async function putManifest(
  connection: Connection,
  reference: string,
  mediaType: string,
  bytes: Uint8Array,
  digest: Digest,
  signal: AbortSignal,
): Promise<void> {
  const response = await connection.request(connection.url(`manifests/${reference}`), {
    method: "PUT",
    headers: { "content-type": mediaType, "content-length": String(bytes.byteLength) },
    body: () => bytes,
    signal,
  });
  await response.discard();
  if (response.status !== 201) throw refused(connection, response.status, "to the manifest");
  const said = digestSchema.safeParse(headerOf(response, "docker-content-digest"));
  if (said.success && said.data !== digest) {
    throw registryError("registry-failed", connection.endpoint, `it took the manifest for ${said.data}`);
  }
}

/** A location may be relative (RFC 9110, 10.2.2). */
function locationOf(connection: Connection, response: OutboundResponse): URL {
  const text = headerOf(response, "location") ?? "";
  if (text !== "" && URL.canParse(text, response.url.href)) return new URL(text, response.url);
  throw registryError("registry-failed", connection.endpoint, "it does not say where an upload goes");
}

function refused(connection: Connection, status: number, to: string) {
  const unauthorized = status === 401 || status === 403;
  const code = unauthorized ? "registry-unauthorized" : "registry-failed";
  return registryError(code, connection.endpoint, `it answers ${status} ${to}`);
}
