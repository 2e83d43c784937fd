import { runProgram } from "../process/program.ts";
import { MAX_PACKAGE_ADDRESSES, type NetworkNames, openPackages } from "./rules.ts";

/** How long an address stays open, whatever the time to live of its name says, seconds. */
const LEAST_SECONDS = 300;
const MOST_SECONDS = 3_600;

/**
 * Addresses of package hosts that sessions with packages-only may reach. What is asked while one program runs waits for the
 * next one together.
 */
export class PackageAddresses {
  readonly #names: NetworkNames;
  /** When each closes, by performance.now(). */
  readonly #open = new Map<string, number>();
  #waiting: Map<string, number> | null = null;
  #last: Promise<void> = Promise.resolve();

  constructor(names: NetworkNames) {
    this.#names = names;
  }

  /** Resolves when all of `addresses` are open, for their time to live, seconds, within bounds. */
  async open(addresses: ReadonlyMap<string, number>): Promise<void> {
    const now = performance.now();
    for (const [address, until] of this.#open) if (until <= now) this.#open.delete(address);
    const wanted = [...addresses]
      .map(([address, ttl]) => [address, Math.min(Math.max(ttl, LEAST_SECONDS), MOST_SECONDS)] as const)
      // Half of the time must be left: the asker has yet to use it.
      .filter(([address, seconds]) => (this.#open.get(address) ?? 0) < now + seconds * 500);
    if (wanted.length === 0) return;
    if (this.#open.size + wanted.length > MAX_PACKAGE_ADDRESSES) {
      throw new Error(`All ${MAX_PACKAGE_ADDRESSES} addresses of package hosts are open.`);
    }
    const isFirst = this.#waiting === null;
    this.#waiting ??= new Map();
    for (const [address, seconds] of wanted) this.#waiting.set(address, seconds);
    if (isFirst) this.#last = this.#last.catch(() => {}).then(() => this.#openWaiting());
    await this.#last;
  }

  async #openWaiting(): Promise<void> {
    const waiting = this.#waiting ?? new Map<string, number>();
    this.#waiting = null;
    await runProgram(["nft", "-f", "-"], { input: openPackages(this.#names, waiting) });
    const now = performance.now();
    for (const [address, seconds] of waiting) this.#open.set(address, now + seconds * 1_000);
  }
}
