/**
 * Requests of the worker to places that a stranger chose: the URL of an ADD, the registry of a FROM. A name is resolved
 * once, the addresses are held against the rules (address-rules.ts), and the connection goes to one of those very
 * addresses, for each redirect anew. Every wait, every byte and every hop is bounded.
 */
export interface Outbound {
  /**
   * Resolves when the headers of an answer that is no redirect are there, whatever its status; the body is read by the
   * caller, or thrown away with `discard`. Rejects with OutboundFailure, and with the reason of `signal` when that aborts.
   */
  request(url: URL, request: OutboundRequest): Promise<OutboundResponse>;
  /** Ends all connections. */
  close(): Promise<void>;
}

export interface OutboundRequest {
  readonly method?: "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  /** Value of the Authorization header; it never goes to another origin than the one of `url`. */
  readonly authorization?: string | null;
  /** A stream needs its `content-length` among the headers, and is sent once. */
  readonly body?: Uint8Array | AsyncIterable<Uint8Array>;
  readonly limits: OutboundLimits;
  readonly signal: AbortSignal;
}

export interface OutboundLimits {
  /** Until the headers of an answer are there; also the longest time in which nothing of a request's body moves. */
  readonly headersMs: number;
  /** Longest time without a byte of the answer's body. */
  readonly idleMs: number;
  /** From the first connection to the last byte, with all redirects; null where the rate alone is the bound. */
  readonly totalMs: number | null;
  /** Least average of the answer's body over RATE_WINDOW_MS in which it was waited for; 0 for none. */
  readonly minBytesPerSecond: number;
  /** Largest body of an answer. */
  readonly maxBytes: number;
  readonly maxRedirects: number;
}

/** Time of waiting for bytes over which the least rate is measured. */
export const RATE_WINDOW_MS = 20_000;

export interface OutboundResponse {
  readonly status: number;
  /** Names in lower case; of headers that came several times, all values. */
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** Where the answer came from, after redirects. */
  readonly url: URL;
  /** Can be read once; fails with OutboundFailure. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets go of the connection without reading on. */
  discard(): Promise<void>;
}

export type OutboundReason =
  /** The name leads to an address that is refused. */
  | "address-refused"
  /** Neither https nor, where that is allowed, http; or a URL with a name and a password in it. */
  | "url-refused"
  | "too-many-redirects"
  | "redirect-invalid"
  /** More bytes than allowed. */
  | "too-large"
  /** No such name, nobody answers, TLS fails. */
  | "unreachable"
  /** The connection broke after it was made. */
  | "reset"
  /** Headers or bytes did not come in time, or came too slowly. */
  | "stalled";

/** Why a request to the outside failed. */
export class OutboundFailure extends Error {
  override readonly name = "OutboundFailure";
  readonly reason: OutboundReason;
  /** Host and port that were talked to, or were to be. */
  readonly host: string;

  constructor(reason: OutboundReason, host: string, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.reason = reason;
    this.host = host;
  }

  /** True when the same request may succeed a moment later. */
  get passing(): boolean {
    return this.reason === "reset" || this.reason === "stalled" || this.reason === "unreachable";
  }
}

/** Value of a header that is there once at most. */
export function headerOf(response: Pick<OutboundResponse, "headers">, name: string): string | null {
  const value = response.headers[name];
  return (Array.isArray(value) ? value[0] : value) ?? null;
}
