import { randomBytes } from "node:crypto";
import type { AcquiredNetwork, BuildNetwork } from "./builder.ts";

export interface TakenNetwork {
  readonly name: string;
  readonly network: AcquiredNetwork;
}

/**
 * Networks for RUN, each used by one build. One is always made ahead, from the first build on, so that no step waits for
 * it. What a kill leaves is removed with all networks that no session knows; see session/resources.ts.
 */
export class PreparedNetworks {
  readonly #network: BuildNetwork;
  #ahead: Promise<TakenNetwork> | null = null;
  #isClosed = false;

  constructor(network: BuildNetwork) {
    this.#network = network;
  }

  /** Makes one ahead, where there is none. */
  prepare(): void {
    if (this.#ahead !== null || this.#isClosed) return;
    this.#ahead = this.#make();
    // Whoever takes it hears of the failure.
    this.#ahead.catch(() => undefined);
  }

  /** One of its own for a build. */
  async take(): Promise<TakenNetwork> {
    const ahead = this.#ahead;
    this.#ahead = null;
    if (ahead === null) return await this.#make();
    return await ahead;
  }

  async release({ name }: TakenNetwork): Promise<void> {
    await this.#network.release(name);
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    const ahead = this.#ahead;
    this.#ahead = null;
    const made = await ahead?.catch(() => null);
    if (made) await this.release(made);
  }

  async #make(): Promise<TakenNetwork> {
    const name = `build${randomBytes(10).toString("hex")}`;
    return { name, network: await this.#network.acquire(name) };
  }
}
