import { type Digest, digestSchema, SlipwayError } from "@slipway/protocol";
import { z } from "zod";
import { digestOf } from "../content/digest.ts";
import {
  type Descriptor,
  DOCKER_MANIFEST,
  DOCKER_MANIFEST_LIST,
  type ImageManifest,
  imageIndexSchema,
  imageManifestSchema,
  MEDIA_TYPE_INDEX,
  MEDIA_TYPE_MANIFEST,
} from "../oci/image-spec.ts";
import { headerOf, OutboundFailure, type OutboundResponse } from "../outbound/outbound.ts";
import { parseDocument, readBody } from "./answer.ts";
import type { Connection } from "./connection.ts";
import { asRegistryError, registryError } from "./failure.ts";
import { choosePlatform, platformName, RUNNABLE } from "./platform.ts";
import { type AnnouncedBlob, MAX_DOCUMENT_BYTES } from "./registry.ts";

const MANIFESTS = [MEDIA_TYPE_MANIFEST, DOCKER_MANIFEST];
const INDEXES = [MEDIA_TYPE_INDEX, DOCKER_MANIFEST_LIST];
const ACCEPTED = [...MANIFESTS, ...INDEXES].join(", ");
/** An index may name another one; more of them below each other are no honest image. */
const MOST_INDEXES = 4;
const MOST_INDEX_ENTRIES = 1_000;

/** What describeManifest reads of a config. */
const platformSchema = z.looseObject({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().nullish(),
});

export interface FetchedManifest {
  readonly manifest: ImageManifest;
  readonly bytes: Buffer;
  readonly digest: Digest;
  readonly mediaType: string;
  /** What the reference means in the registry: this manifest, or the index that led to it. */
  readonly source: Digest;
}

/**
 * What the registry says that a tag or a digest means now, without reading it; null where it does not say. Rejects with
 * `image-missing` where there is none.
 */
export async function askDigest(
  connection: Connection,
  reference: string,
  signal: AbortSignal,
): Promise<Digest | null> {
  const response = await connection.request(connection.url(`manifests/${reference}`), {
    method: "HEAD",
    headers: { accept: ACCEPTED },
    signal,
  });
  await response.discard();
  if (response.status !== 200) throw refused(connection, response.status, reference);
  const parsed = digestSchema.safeParse(headerOf(response, "docker-content-digest"));
  return parsed.success ? parsed.data : null;
}

/**
 * The manifest of this machine's platform that a tag or a digest leads to, each document on the way verified. Rejects with
 * `image-missing`, `platform-missing`, `image-invalid` and `registry-*`.
 */
export async function fetchManifest(
  connection: Connection,
  reference: string,
  signal: AbortSignal,
): Promise<FetchedManifest> {
  const named = digestSchema.safeParse(reference);
  let wanted: AnnouncedBlob | Digest | null = named.success ? named.data : null;
  let source: Digest | null = null;
  for (let indexes = 0; indexes <= MOST_INDEXES; indexes += 1) {
    const asked: string = wanted === null ? reference : digestIn(wanted);
    const found: Document = await fetchDocument(connection, asked, wanted, signal);
    source ??= found.digest;
    if (MANIFESTS.includes(found.mediaType)) {
      const parsed = imageManifestSchema.safeParse(found.document);
      if (!parsed.success) throw invalid(connection, reference, "its manifest can't be read", parsed.error);
      return { ...found, manifest: parsed.data, source };
    }
    const entry = chooseEntry(connection, reference, found.document);
    wanted = { digest: entry.digest, sizeBytes: entry.size };
  }
  throw invalid(connection, reference, `more than ${MOST_INDEXES} indexes lead to each other`);
}

/** What a reference means in the registry, as it is told there. Rejects as `fetchManifest` does. */
export async function describeManifest(connection: Connection, reference: string, signal: AbortSignal) {
  const named = digestSchema.safeParse(reference);
  const wanted = named.success ? named.data : null;
  const { document, bytes, digest, mediaType } = await fetchDocument(connection, reference, wanted, signal);
  const index = imageIndexSchema.safeParse(document).data;
  const manifest = imageManifestSchema.safeParse(document).data;
  const platforms = manifest
    ? [await platformOf(connection, manifest, signal)]
    : (index?.manifests.slice(0, MOST_INDEX_ENTRIES).map(({ platform }) => platform) ?? []);
  return {
    mediaType,
    digest,
    sizeBytes: bytes.byteLength,
    platforms: platforms.flatMap((platform) => {
      if (!platform) return [];
      const { os, architecture, variant } = platform;
      return [{ os, architecture, ...(variant && { variant }) }];
    }),
  };
}

/** What a config says of the machine that its image is for; null where it can't be read. */
async function platformOf(connection: Connection, { config }: ImageManifest, signal: AbortSignal) {
  const response = await connection.request(connection.url(`blobs/${config.digest}`), { signal });
  if (response.status !== 200) await response.discard();
  const document = response.status === 200 ? parseDocument(await readBody(response)) : null;
  return platformSchema.safeParse(document).data ?? null;
}

const digestIn = (wanted: AnnouncedBlob | Digest): Digest =>
  typeof wanted === "string" ? wanted : wanted.digest;

interface Document {
  readonly document: unknown;
  readonly bytes: Buffer;
  readonly digest: Digest;
  readonly mediaType: string;
}

async function fetchDocument(
  connection: Connection,
  reference: string,
  wanted: AnnouncedBlob | Digest | null,
  signal: AbortSignal,
): Promise<Document> {
  const announced = wanted !== null && typeof wanted !== "string" ? wanted.sizeBytes : 0;
  if (announced > MAX_DOCUMENT_BYTES) throw invalid(connection, reference, "its manifest is too large");
  const response = await connection.request(connection.url(`manifests/${reference}`), {
    headers: { accept: ACCEPTED },
    signal,
  });
  if (response.status !== 200) {
    await response.discard();
    throw refused(connection, response.status, reference);
  }
  const bytes = await documentOf(connection, response, reference);
  const digest = digestOf(bytes);
  const claimed = headerOf(response, "docker-content-digest");
  const lies =
    (wanted !== null && digest !== digestIn(wanted)) ||
    (announced > 0 && bytes.length !== announced) ||
    (claimed?.startsWith("sha256:") && claimed !== digest);
  if (lies) throw invalid(connection, reference, "its manifest is not the one that was promised");
  const document = parseDocument(bytes);
  return { document, bytes, digest, mediaType: mediaTypeOf(connection, reference, response, document) };
}

async function documentOf(
  connection: Connection,
  response: OutboundResponse,
  reference: string,
): Promise<Buffer> {
  try {
    return await readBody(response);
  } catch (error) {
    if (error instanceof OutboundFailure && error.reason === "too-large") {
      throw invalid(connection, reference, `its manifest has more than ${MAX_DOCUMENT_BYTES} bytes`, error);
    }
    throw asRegistryError(error, connection.endpoint);
  }
}

/**
 * The type of a document. Where document and header disagree, one of two readers could be shown something else than the
 * other (GHSA-77vh-xpmg-72qh), so that is refused.
 */
function mediaTypeOf(
  connection: Connection,
  reference: string,
  response: OutboundResponse,
  document: unknown,
): string {
  const header = (headerOf(response, "content-type") ?? "").split(";")[0]?.trim() ?? "";
  if (typeof document !== "object" || document === null) {
    throw invalid(connection, reference, "its manifest is no JSON");
  }
  const written = "mediaType" in document && typeof document.mediaType === "string" ? document.mediaType : "";
  if (/manifest\.v1\+(json|prettyjws)$/.test(header) && header.includes("docker")) throw tooOld(reference);
  if ("schemaVersion" in document && document.schemaVersion === 1) throw tooOld(reference);
  const known = [...MANIFESTS, ...INDEXES];
  const type = known.includes(header) ? header : written;
  if (!known.includes(type)) {
    throw invalid(
      connection,
      reference,
      `it is no image, but of the type ${(written || header).slice(0, 100)}`,
    );
  }
  const both = "manifests" in document && ("config" in document || "layers" in document);
  if (both || (written !== "" && written !== type)) {
    throw invalid(connection, reference, "its manifest says two things about what it is");
  }
  return type;
}

function chooseEntry(connection: Connection, reference: string, document: unknown): Descriptor {
  const parsed = imageIndexSchema.safeParse(document);
  if (!parsed.success) throw invalid(connection, reference, "its index can't be read", parsed.error);
  const { manifests } = parsed.data;
  if (manifests.length > MOST_INDEX_ENTRIES) throw invalid(connection, reference, "its index is too long");
  const chosen = choosePlatform(manifests);
  if (chosen) return chosen;
  const there = manifests.flatMap(({ platform }) =>
    platform
      ? [`${platform.os}/${platform.architecture}${platform.variant ? `/${platform.variant}` : ""}`]
      : [],
  );
  throw platformMissing(reference, there);
}

/** The image is for other machines than this one. */
export function platformMissing(reference: string, there: readonly string[]): SlipwayError {
  const wanted = RUNNABLE.map(platformName).join(", ");
  const message = `${reference} is not made for ${wanted}, but for ${there.slice(0, 20).join(", ") || "no machine"}.`;
  return new SlipwayError("platform-missing", message, {
    params: { reference, wanted, there: there.slice(0, 20).join(", ").slice(0, 1000) },
  });
}

function tooOld(reference: string): SlipwayError {
  const message = `${reference} has a manifest of schema 1, which registries gave up in 2019; push the image again with a newer client.`;
  return new SlipwayError("image-invalid", message, { params: { reference, reason: "schema 1" } });
}

function invalid(connection: Connection, reference: string, reason: string, cause?: unknown): SlipwayError {
  const { domain } = connection.endpoint;
  return new SlipwayError("image-invalid", `${domain}/${connection.repository} (${reference}): ${reason}.`, {
    params: { reference: `${connection.repository}:${reference}`.slice(0, 512), registry: domain, reason },
    cause,
  });
}

function refused(connection: Connection, status: number, reference: string): SlipwayError {
  const { endpoint, repository } = connection;
  if (status === 404) {
    return new SlipwayError("image-missing", `${endpoint.origin.host} has no ${repository} (${reference}).`, {
      params: { reference: `${repository}:${reference}`.slice(0, 512), registry: endpoint.domain },
    });
  }
  const code = status === 401 || status === 403 ? "registry-unauthorized" : "registry-failed";
  return registryError(code, endpoint, `it answers ${status} for ${repository} (${reference})`);
}
