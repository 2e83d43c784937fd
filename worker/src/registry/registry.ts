import type { Digest, RegistryCredential } from "@slipway/protocol";

/*
 * The OCI distribution protocol (distribution-spec 1.1) from the client's side, and what Docker's registries add to it.
 *
 *   endpoint     where the images of a domain are asked for: a mirror, or the registry itself
 *   connection   one repository at one endpoint in the name of one person (or nobody): tokens, retries, errors
 *   partial      the bytes of a blob that have arrived so far; it survives breaks and the worker
 *
 * Everything that a registry says is hostile: answers are parsed and bounded, blobs and manifests count by their digest only,
 * and each address is checked (outbound/).
 */

/** Where the images of a domain are asked for. */
export interface Endpoint {
  /** The domain of references: `docker.io`. */
  readonly domain: string;
  /** Scheme, host and port. */
  readonly origin: URL;
  /** Put before the repository's name, with its slash at the end; "" mostly. */
  readonly prefix: string;
  readonly mirror: boolean;
  /** The operator's own login at a mirror. */
  readonly credential: Pick<RegistryCredential, "username" | "password"> | null;
}

/** A blob as a manifest announces it. */
export interface AnnouncedBlob {
  readonly digest: Digest;
  readonly sizeBytes: number;
}

/** How long a registry is waited for. */
export interface Patience {
  /** For name, TCP and TLS together. */
  readonly connectMs: number;
  /** Until an answer begins. */
  readonly headersMs: number;
  /** Longest pause inside of an answer. */
  readonly idleMs: number;
  /** For a whole small answer: a manifest, a token. */
  readonly answerMs: number;
  /** Blobs that come more slowly than this on average are given up. */
  readonly minBytesPerSecond: number;
  /** How often the same is asked before the registry counts as broken; bytes of a blob that arrive begin the count anew. */
  readonly attempts: number;
  /** Before the second attempt; doubled for each one after it, up to `longestDelayMs`, less a random part. */
  readonly firstDelayMs: number;
  readonly longestDelayMs: number;
  /** A Retry-After above this is an answer of its own: the registry is busy. */
  readonly longestRetryAfterMs: number;
  /** A registry that could not be reached is not tried again for this time. */
  readonly unreachableForMs: number;
  /** For a whole pull or push. */
  readonly transferMs: number;
}

export const PATIENCE: Patience = {
  connectMs: 5_000,
  headersMs: 20_000,
  idleMs: 20_000,
  answerMs: 60_000,
  minBytesPerSecond: 2_048,
  attempts: 5,
  firstDelayMs: 300,
  longestDelayMs: 10_000,
  longestRetryAfterMs: 30_000,
  unreachableForMs: 60_000,
  transferMs: 60 * 60_000,
};

/** Largest manifest, index or config that is read (distribution-spec, "Pushing Manifests": 4 MiB). */
export const MAX_DOCUMENT_BYTES = 4 * 1024 * 1024;
/** Redirects of one request. */
export const MAX_REDIRECTS = 5;
