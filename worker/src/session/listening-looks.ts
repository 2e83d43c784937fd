import { type ListeningPort, listeningPorts, socketCounts } from "../network/listening-ports.ts";

/** A socket that took another one's place in an idle session shows within this time. */
const SAME_COUNTS_MS = 30_000;

/** Looks at what listens in one session, as seldom as the kernel's counts allow. */
export class ListeningLooks {
  readonly #pidOf: () => Promise<number | null>;
  #pid: number | null = null;
  #counts = "";
  #found: readonly ListeningPort[] = [];
  #lookedAtMs = Number.NEGATIVE_INFINITY;

  /** `pidOf` gives the host pid of a process in the session's network. */
  constructor(pidOf: () => Promise<number | null>) {
    this.#pidOf = pidOf;
  }

  /** Rejects in the moment of an end. */
  async look(idle: boolean): Promise<readonly ListeningPort[]> {
    this.#pid ??= await this.#pidOf();
    if (this.#pid === null) return [];
    try {
      const counts = socketCounts(this.#pid);
      if (counts === "0 0") return [];
      const now = performance.now();
      if (idle && counts === this.#counts && now - this.#lookedAtMs < SAME_COUNTS_MS) return this.#found;
      this.#found = await listeningPorts(this.#pid);
      this.#counts = counts;
      this.#lookedAtMs = now;
      return this.#found;
    } catch (error) {
      this.#pid = null;
      throw error;
    }
  }
}
