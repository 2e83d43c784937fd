import { readFile } from "node:fs/promises";
import { z } from "zod";
import { runProgram } from "../process/program.ts";
import { type NetworkTraffic, TRAFFIC_AGE_MS, type TrafficCounts } from "./network.ts";
import { burstBytes } from "./scripts.ts";

/** A network whose traffic is counted. */
export interface CountedLink {
  readonly link: string;
  readonly namespace: string;
  readonly bytesPerSecond: number;
}

/** `tc -s -json qdisc show` (tc(8)). */
const queuesSchema = z.array(
  z.object({
    kind: z.string(),
    dev: z.string().optional(),
    drops: z.number().default(0),
    overlimits: z.number().default(0),
  }),
);

interface Held {
  readonly droppedPackets: number;
  readonly heldPackets: number;
}

interface Passed {
  readonly bytes: number;
  readonly packets: number;
}

interface Look {
  readonly sent: Passed;
  readonly received: Passed;
}

/** What is known of one link's token buckets, and what had passed when they were last looked at. */
interface Known {
  sent: Held & { at: number };
  received: Held & { at: number };
}

const NOTHING: TrafficCounts = { bytes: 0, packets: 0, droppedPackets: 0, heldPackets: 0 };
const NONE_HELD = { droppedPackets: 0, heldPackets: 0, at: 0 };

/**
 * Counts the traffic of all networks in one look, whoever asks: /proc/net/dev says what passed. A token bucket can have
 * held something back only when more than its burst has passed since the last look at it, so buckets of quiet sessions
 * are never looked at; those of the worker's ends are in one answer of `tc`, one inside takes a `tc` for itself.
 */
export class Counters {
  readonly #links: () => Iterable<CountedLink>;
  readonly #known = new Map<string, Known>();
  #look: Promise<ReadonlyMap<string, NetworkTraffic>> | null = null;
  #lookedAt = 0;

  constructor(links: () => Iterable<CountedLink>) {
    this.#links = links;
  }

  async traffic(link: string): Promise<NetworkTraffic> {
    const now = performance.now();
    if (this.#look === null || now - this.#lookedAt >= TRAFFIC_AGE_MS) {
      this.#lookedAt = now;
      // Looks never overlap: the next one starts from what the last one knew.
      this.#look = (this.#look ?? Promise.resolve()).then(
        () => this.#lookAtAll(),
        () => this.#lookAtAll(),
      );
    }
    return (await this.#look).get(link) ?? { sent: NOTHING, received: NOTHING };
  }

  async #lookAtAll(): Promise<ReadonlyMap<string, NetworkTraffic>> {
    const passed = parseDevices(await readFile("/proc/net/dev", "utf8"));
    const links = [...this.#links()].filter(({ link }) => passed.has(link));
    const present = new Set(links.map(({ link }) => link));
    for (const link of this.#known.keys()) if (!present.has(link)) this.#known.delete(link);
    const looks = links.flatMap((counted) => {
      const look = passed.get(counted.link);
      return look === undefined ? [] : [{ ...counted, ...look, known: this.#knownOf(counted.link) }];
    });

    const busy = looks.filter((each) => mayHold(each, each.received, each.known.received));
    if (busy.length > 0) {
      const queues = await queueCounts([]);
      for (const { link, known, received } of busy) {
        const held = queues.get(link);
        if (held) known.received = { ...held, at: received.bytes };
      }
    }
    for (const { namespace, known, sent, bytesPerSecond } of looks) {
      if (!mayHold({ bytesPerSecond }, sent, known.sent)) continue;
      const queues = await queueCounts(["-n", namespace]).catch(() => new Map<string, Held>());
      const held = queues.get("eth0");
      if (held) known.sent = { ...held, at: sent.bytes };
    }
    return new Map(
      looks.map(({ link, sent, received, known }) => [
        link,
        { sent: counts(sent, known.sent), received: counts(received, known.received) },
      ]),
    );
  }

  #knownOf(link: string): Known {
    const known = this.#known.get(link) ?? { sent: NONE_HELD, received: NONE_HELD };
    this.#known.set(link, known);
    return known;
  }
}

const counts = ({ bytes, packets }: Passed, { droppedPackets, heldPackets }: Held): TrafficCounts => ({
  bytes,
  packets,
  droppedPackets,
  heldPackets,
});

const mayHold = (
  { bytesPerSecond }: { bytesPerSecond: number },
  passed: Passed,
  known: { at: number },
): boolean => Number.isFinite(bytesPerSecond) && passed.bytes - known.at >= burstBytes(bytesPerSecond);

/** Inside a session, and at the worker's end (scripts.ts). */
const BUCKETS: ReadonlySet<string> = new Set(["tbf", "htb"]);

/** Token buckets by device, of the worker's namespace or of the one that `where` names. */
async function queueCounts(where: readonly string[]): Promise<Map<string, Held>> {
  const { stdout } = await runProgram(["tc", ...where, "-s", "-json", "qdisc", "show"]);
  const queues = queuesSchema.parse(JSON.parse(stdout || "[]"));
  return new Map(
    queues.flatMap(({ kind, dev, drops, overlimits }) =>
      BUCKETS.has(kind) && dev !== undefined
        ? [[dev, { droppedPackets: drops, heldPackets: overlimits }] as const]
        : [],
    ),
  );
}

/**
 * /proc/net/dev (proc(5)): two lines of titles, then per device `name: bytes packets errs drop fifo frame compressed
 * multicast`, received, and the same eight, sent. What the worker's end received is what the session sent.
 */
export function parseDevices(text: string): Map<string, Look> {
  const devices = new Map<string, Look>();
  for (const line of text.split("\n")) {
    const [, name, rest] = /^\s*(\S+):\s*([0-9 ]+)$/.exec(line) ?? [];
    if (name === undefined || rest === undefined) continue;
    const values = rest.trim().split(/ +/).map(Number);
    devices.set(name, {
      sent: { bytes: values[0] ?? 0, packets: values[1] ?? 0 },
      received: { bytes: values[8] ?? 0, packets: values[9] ?? 0 },
    });
  }
  return devices;
}
