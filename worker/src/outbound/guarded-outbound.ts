import type { LookupAddress } from "node:dns";
import { Readable } from "node:stream";
import { Agent, type Dispatcher, errors, request } from "undici";
import { AddressRules } from "./address-rules.ts";
import { boundedBody } from "./bounded-body.ts";
import { guardedConnector, hostOf } from "./connector.ts";
import { type Outbound, OutboundFailure, type OutboundRequest, type OutboundResponse } from "./outbound.ts";
import { resolveName } from "./resolve.ts";

export interface OutboundOptions {
  /** Addresses or prefixes that the operator opens. */
  readonly openedAddresses: readonly string[];
  /** Addresses or prefixes that are refused beside all private ones. */
  readonly refusedAddresses: readonly string[];
  /** Hosts (`name:port`, lower case) that the operator named, whatever address they have. */
  readonly trustedHosts: ReadonlySet<string>;
  /** Whether a host (`name:port`) may be spoken to in the clear. */
  readonly allowsPlainHttp: (host: string) => boolean;
  /** Time for the name, TCP and TLS together. */
  readonly connectMs: number;
  /** Certificates of authorities, PEM; undefined takes Node's own. */
  readonly authorities?: readonly string[] | undefined;
  /** All addresses of a name; those of the machine's own settings by default. */
  readonly resolve?: (name: string) => Promise<LookupAddress[]>;
}

/** Response headers, bytes; more fails the request. */
const MAX_HEADER_BYTES = 32 * 1024;
/** A connection that is not used is closed after this time. */
const KEEP_ALIVE_MS = 4_000;
/** What of a body that nobody wants is read to keep the connection, and how long that is waited for. */
const DISCARDED_BYTES = 64 * 1024;
const DISCARD_MS = 200;

const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** The door to the outside; see outbound.ts. */
export function openOutbound(options: OutboundOptions): Outbound {
  return new GuardedOutbound(options);
}

class GuardedOutbound implements Outbound {
  readonly #options: OutboundOptions;
  readonly #agent: Agent;

  constructor(options: OutboundOptions) {
    this.#options = options;
    this.#agent = new Agent({
      connect: guardedConnector({
        rules: new AddressRules(options.openedAddresses, options.refusedAddresses),
        trustedHosts: options.trustedHosts,
        connectMs: options.connectMs,
        authorities: options.authorities,
        resolve: options.resolve ?? resolveName,
      }),
      maxHeaderSize: MAX_HEADER_BYTES,
      keepAliveTimeout: KEEP_ALIVE_MS,
      pipelining: 1,
    });
  }

  async request(url: URL, asked: OutboundRequest): Promise<OutboundResponse> {
    const { totalMs, maxRedirects } = asked.limits;
    const total = totalMs === null ? null : AbortSignal.timeout(totalMs);
    const signal = total === null ? asked.signal : AbortSignal.any([asked.signal, total]);
    let target = url;
    for (let hop = 0; ; hop += 1) {
      const host = this.#check(target);
      const late = () => new OutboundFailure("stalled", host, `${host} took longer than ${totalMs} ms.`);
      const explain = (error: unknown) => {
        if (asked.signal.aborted) return asked.signal.reason;
        return total?.aborted ? late() : asFailure(error, host);
      };
      const response = await this.#send(target, url, asked, signal, explain);
      const location = REDIRECTS.has(response.status) ? response.headers.location : undefined;
      if (location === undefined || !mayFollow(response.status, asked)) return response;
      await response.discard();
      if (hop >= maxRedirects) {
        throw new OutboundFailure("too-many-redirects", host, `${host} redirects again and again.`);
      }
      target = redirectTarget(location, target, host);
    }
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }

  /** The host of a URL that may be asked at all. */
  #check(url: URL): string {
    const host = hostOf(url.hostname, url.port, url.protocol);
    const plain = url.protocol === "http:" && this.#options.allowsPlainHttp(host);
    if (url.protocol !== "https:" && !plain) {
      throw new OutboundFailure(
        "url-refused",
        host,
        `${host} is not asked over ${url.protocol.slice(0, -1)}.`,
      );
    }
    if (url.username !== "" || url.password !== "") {
      throw new OutboundFailure("url-refused", host, `A URL of ${host} holds a password.`);
    }
    return host;
  }

  async #send(
    target: URL,
    first: URL,
    asked: OutboundRequest,
    signal: AbortSignal,
    explain: (error: unknown) => unknown,
  ): Promise<OutboundResponse> {
    const { limits, method = "GET", authorization } = asked;
    const host = hostOf(target.hostname, target.port, target.protocol);
    const carries = authorization && target.origin === first.origin;
    try {
      const { statusCode, headers, body } = await request(target, {
        dispatcher: this.#agent,
        method,
        headers: { ...asked.headers, ...(carries ? { authorization } : {}) },
        body: bodyOf(asked.body),
        headersTimeout: limits.headersMs,
        bodyTimeout: limits.idleMs,
        signal,
      });
      // Nobody may be listening when a body that is not read any more breaks.
      body.on("error", () => {});
      return {
        status: statusCode,
        headers,
        url: target,
        body: explained(boundedBody(body, host, limits), explain),
        discard: () => discard(body),
      };
    } catch (error) {
      throw explain(error);
    }
  }
}

function bodyOf(body: OutboundRequest["body"]): Uint8Array | Readable | null {
  if (body === undefined || body instanceof Uint8Array) return body ?? null;
  return Readable.from(body, { objectMode: false });
}

async function discard(body: Dispatcher.ResponseData["body"]): Promise<void> {
  const timer = setTimeout(() => body.destroy(), DISCARD_MS);
  await body.dump({ limit: DISCARDED_BYTES }).catch(() => undefined);
  clearTimeout(timer);
}

async function* explained(
  body: AsyncIterable<Uint8Array>,
  explain: (error: unknown) => unknown,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    yield* body;
  } catch (error) {
    throw explain(error);
  }
}

/** A body is not sent twice; 303 and the old habit of 301 and 302 (RFC 9110, 15.4) would turn a POST into a GET. */
function mayFollow(status: number, { method = "GET", body }: OutboundRequest): boolean {
  if (method === "GET" || method === "HEAD") return true;
  return body === undefined && (status === 307 || status === 308);
}

function redirectTarget(location: string | string[], from: URL, host: string): URL {
  const text = Array.isArray(location) ? (location[0] ?? "") : location;
  if (!URL.canParse(text, from.href)) {
    throw new OutboundFailure("redirect-invalid", host, `${host} redirects to what is no URL.`);
  }
  return new URL(text, from);
}

const isUnknownName = (error: unknown): boolean =>
  error instanceof Error && "code" in error && error.code === "ENOTFOUND";

function asFailure(error: unknown, host: string): OutboundFailure {
  if (error instanceof OutboundFailure) return error;
  const text = isUnknownName(error) ? "no such host" : error instanceof Error ? error.message : String(error);
  const failure = (reason: OutboundFailure["reason"]) =>
    new OutboundFailure(reason, host, `${host}: ${text}`, error);
  if (error instanceof errors.HeadersTimeoutError || error instanceof errors.BodyTimeoutError) {
    return failure("stalled");
  }
  if (error instanceof errors.HeadersOverflowError || error instanceof errors.ResponseExceededMaxSizeError) {
    return failure("too-large");
  }
  if (error instanceof errors.SocketError || error instanceof errors.HTTPParserError) return failure("reset");
  // Node wraps the attempts on several addresses; the first says why.
  const inner = error instanceof AggregateError ? error.errors[0] : error;
  if (inner instanceof OutboundFailure) return inner;
  const code = inner instanceof Error && "code" in inner ? inner.code : null;
  return failure(code === "ECONNRESET" || code === "EPIPE" ? "reset" : "unreachable");
}
