import { registryError } from "./failure.ts";
import type { Endpoint } from "./registry.ts";

/** Hosts that are remembered; the oldest goes. */
const MOST_HOSTS = 1_000;

/** Registries that could not be reached a moment ago: a machine without internet doesn't wait for them at each build. */
export class UnreachableHosts {
  readonly #untilMs = new Map<string, number>();
  readonly #forMs: number;

  constructor(forMs: number) {
    this.#forMs = forMs;
  }

  /** Throws `registry-unreachable` for one that is remembered. */
  check(endpoint: Endpoint): void {
    const until = this.#untilMs.get(endpoint.origin.host);
    if (until === undefined) return;
    if (until > performance.now()) {
      throw registryError("registry-unreachable", endpoint, "it could not be reached a moment ago");
    }
    this.forget(endpoint);
  }

  remember({ origin }: Endpoint): void {
    this.#untilMs.delete(origin.host);
    this.#untilMs.set(origin.host, performance.now() + this.#forMs);
    const [oldest] = this.#untilMs.keys();
    if (this.#untilMs.size > MOST_HOSTS && oldest !== undefined) this.#untilMs.delete(oldest);
  }

  forget({ origin }: Endpoint): void {
    this.#untilMs.delete(origin.host);
  }
}
