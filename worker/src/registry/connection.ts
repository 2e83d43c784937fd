import type { SlipwayError } from "@slipway/protocol";
import {
  headerOf,
  type Outbound,
  OutboundFailure,
  type OutboundLimits,
  type OutboundRequest,
  type OutboundResponse,
} from "../outbound/outbound.ts";
import { delayMs, isPassing, pause, retryAfterMs } from "./backoff.ts";
import { type Challenge, parseChallenges } from "./challenge.ts";
import { asRegistryError, registryError } from "./failure.ts";
import { type Endpoint, MAX_DOCUMENT_BYTES, MAX_REDIRECTS, type Patience } from "./registry.ts";
import { basic, fetchToken, isGood, type Login, type Token } from "./token.ts";
import type { UnreachableHosts } from "./unreachable-hosts.ts";

export interface ConnectionOptions {
  readonly outbound: Outbound;
  readonly endpoint: Endpoint;
  /** As in a reference: `library/node`; "" for the registry as such. */
  readonly repository: string;
  readonly actions: "pull" | "pull,push";
  /** Repositories of which blobs may be mounted. */
  readonly mountsFrom?: readonly string[];
  readonly login: Login | null;
  readonly patience: Patience;
  readonly unreachable: UnreachableHosts;
}

export interface Ask {
  readonly method?: OutboundRequest["method"];
  readonly headers?: Readonly<Record<string, string>>;
  /** Called for each attempt. */
  readonly body?: () => Uint8Array | AsyncIterable<Uint8Array>;
  /** Other than those of a small answer. */
  readonly limits?: Partial<OutboundLimits>;
  /** False where the caller repeats in a way of its own. */
  readonly repeats?: boolean;
  readonly signal: AbortSignal;
}

/** Scopes of one token. */
const MOST_SCOPES = 8;
/** Answers with 401 to one question: the first, and one to a token that has just been made. */
const MOST_CHALLENGES = 2;

/**
 * One repository at one endpoint in the name of one person. Answers challenges, repeats what may pass, and names the
 * registry in its errors. Tokens stay in here, so nobody gets those of another.
 */
export class Connection {
  readonly endpoint: Endpoint;
  readonly patience: Patience;
  /** As the endpoint calls it. */
  readonly repository: string;
  readonly #options: ConnectionOptions;
  #challenge: Challenge | null = null;
  #token: Token | null = null;
  #answered = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.endpoint = options.endpoint;
    this.patience = options.patience;
    this.repository = `${options.endpoint.prefix}${options.repository}`;
  }

  /** True when a password stood behind the last answers. */
  get authenticated(): boolean {
    return this.#challenge !== null && this.#options.login !== null;
  }

  /** Address of a part of the repository: `manifests/latest`. */
  url(part: string): URL {
    return new URL(`/v2/${this.repository === "" ? "" : `${this.repository}/`}${part}`, this.endpoint.origin);
  }

  /**
   * Asks, and gives every answer that is neither a challenge nor passing trouble. Rejects with `registry-*`, and with the
   * signal's reason.
   */
  async request(url: URL, ask: Ask): Promise<OutboundResponse> {
    const { unreachable, patience } = this.#options;
    unreachable.check(this.endpoint);
    let challenges = 0;
    for (let attempt = 0; ; ) {
      const last = ask.repeats === false || attempt + 1 >= patience.attempts;
      const response = await this.#attempt(url, ask, last);
      if (response?.status === 401) {
        await response.discard();
        challenges += 1;
        if (challenges > MOST_CHALLENGES) throw this.#unauthorized("it asks for a login again and again");
        this.#take(response);
        continue;
      }
      if (response && !isPassing(response.status)) return response;
      if (response && last) throw await this.#busy(response);
      const asked = response && retryAfterMs(response, Date.now());
      if (response && asked !== null && asked > patience.longestRetryAfterMs)
        throw await this.#busy(response);
      await response?.discard();
      await pause(asked ?? delayMs(attempt, patience), ask.signal);
      attempt += 1;
    }
  }

  /** Null after passing trouble on the way, unless it was the last attempt. */
  async #attempt(url: URL, ask: Ask, last: boolean): Promise<OutboundResponse | null> {
    const { outbound, patience, unreachable } = this.#options;
    try {
      const response = await outbound.request(url, {
        method: ask.method ?? "GET",
        ...(ask.headers && { headers: ask.headers }),
        ...(ask.body && { body: ask.body() }),
        authorization:
          url.origin === this.endpoint.origin.origin ? await this.#authorization(ask.signal) : null,
        limits: {
          headersMs: patience.headersMs,
          idleMs: patience.idleMs,
          totalMs: patience.answerMs,
          minBytesPerSecond: 0,
          maxBytes: MAX_DOCUMENT_BYTES,
          maxRedirects: MAX_REDIRECTS,
          ...ask.limits,
        },
        signal: ask.signal,
      });
      unreachable.forget(this.endpoint);
      this.#answered = true;
      return response;
    } catch (error) {
      if (!(error instanceof OutboundFailure)) throw error;
      // Who never answered is given up at once: a machine without internet is not made to wait.
      const gone = error.reason === "unreachable" && !this.#answered;
      if (error.passing && !gone && !last) return null;
      if (error.reason === "unreachable") unreachable.remember(this.endpoint);
      throw asRegistryError(error, this.endpoint);
    }
  }

  async #authorization(signal: AbortSignal): Promise<string | null> {
    const { outbound, endpoint, patience, login, repository, actions, mountsFrom = [] } = this.#options;
    const challenge = this.#challenge;
    if (challenge === null) return null;
    if (challenge.scheme === "basic") return login && basic(login);
    if (!this.#token || !isGood(this.#token)) {
      const asked = challenge.parameters.get("scope")?.split(" ") ?? [];
      const own = `repository:${this.repository}:${actions}`;
      const scopes = new Set([own, ...asked, ...mountsFrom.map((name) => `repository:${name}:pull`)]);
      this.#token = await fetchToken({
        outbound,
        endpoint,
        patience,
        challenge,
        scopes: repository === "" ? [] : [...scopes].slice(0, MOST_SCOPES),
        login,
        signal,
      });
    }
    return `Bearer ${this.#token.value}`;
  }

  /** Keeps the challenge that can be answered. */
  #take(response: OutboundResponse): void {
    const header = response.headers["www-authenticate"];
    const offered = [header ?? []].flat().flatMap((text) => parseChallenges(text));
    const bearer = offered.find(({ scheme }) => scheme === "bearer");
    const simple = offered.find(({ scheme }) => scheme === "basic");
    const challenge = bearer ?? simple;
    if (!challenge) throw this.#unauthorized("it asks for a login of a kind that is not known");
    if (challenge.scheme === "basic" && !this.#options.login) throw this.#unauthorized("it asks for a login");
    this.#challenge = challenge;
    this.#token = null;
  }

  #unauthorized(reason: string): SlipwayError {
    return registryError("registry-unauthorized", this.endpoint, reason);
  }

  async #busy(response: OutboundResponse): Promise<SlipwayError> {
    await response.discard();
    const code = response.status === 429 ? "registry-busy" : "registry-failed";
    const after = headerOf(response, "retry-after");
    const wait = after === null ? "" : `, and asks to come back after ${after.slice(0, 64)}`;
    return registryError(code, this.endpoint, `it answers ${response.status}${wait}`);
  }
}
