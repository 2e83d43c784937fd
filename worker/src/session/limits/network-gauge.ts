import type { NetworkTraffic, TrafficCounts } from "../../network/network.ts";
import type { Gauge, Look } from "./gauge.ts";
import type { Reached } from "./limit-book.ts";
import type { WatchedSession } from "./limits.ts";

/** Time between two looks at the counters, which cost more than files of the kernel. */
const LOOK_MS = 3_000;
/** Part of the allowed rate that has to have passed: bursts are held back for moments, and that is nothing to tell. */
const BUSY_PART = 0.8;

/** Packets that the rate limit held back or dropped, while the session used nearly all of its rate, for seconds. */
export class NetworkGauge implements Gauge {
  readonly #session: WatchedSession;
  #since: { readonly now: number; readonly traffic: NetworkTraffic } | null = null;

  constructor(session: WatchedSession) {
    this.#session = session;
  }

  async look({ now }: Look): Promise<readonly Reached[]> {
    const since = this.#since;
    if (since !== null && now - since.now < LOOK_MS) return [];
    const traffic = await this.#session.network.traffic();
    this.#since = { now, traffic };
    if (since === null) return [];
    const seconds = (now - since.now) / 1000;
    const rates = (["sent", "received"] as const)
      .filter((way) => heldBack(traffic[way]) > heldBack(since.traffic[way]))
      .map((way) => Math.round((traffic[way].bytes - since.traffic[way].bytes) / seconds));
    const allowed = this.#session.limits.networkBytesPerSecond;
    const value = Math.max(0, ...rates);
    if (value < allowed * BUSY_PART) return [];
    const metric = { name: "network.rate", value, unit: "bytes-per-second" };
    return [{ limit: "network-rate", metric, allowed, process: null, times: 1 }];
  }
}

const heldBack = ({ heldPackets, droppedPackets }: TrafficCounts): number => heldPackets + droppedPackets;
