import type { SessionLimits, SessionUsage } from "@slipway/protocol";

export const GAUGES = ["cpu", "memory", "pids", "disk", "files", "sent", "received"] as const;
export type GaugeName = (typeof GAUGES)[number];

/** One figure beside its limit, over the time that was looked at. */
export interface GaugeReading {
  readonly name: GaugeName;
  /** Newest last. Of rates there is none before the second look. */
  readonly values: readonly number[];
  readonly limit: number;
}

/** Rates between two looks, or nothing where they are of the same moment. */
function rates(looks: readonly SessionUsage[], counter: (usage: SessionUsage) => number): number[] {
  return looks.slice(1).flatMap((usage, index) => {
    const before = looks[index];
    if (before === undefined || usage.at <= before.at) return [];
    return [Math.max(0, (counter(usage) - counter(before)) / ((usage.at - before.at) / 1000))];
  });
}

/** What the gauges show of a session. */
export function readings(looks: readonly SessionUsage[], limits: SessionLimits): readonly GaugeReading[] {
  const last = looks.at(-1);
  const of = (value: (usage: SessionUsage) => number) => looks.map(value);
  return [
    {
      name: "cpu",
      values: rates(looks, ({ cpuMicroseconds }) => cpuMicroseconds).map((rate) => rate / 1e6),
      limit: limits.cpus,
    },
    { name: "memory", values: of(({ memoryBytes }) => memoryBytes), limit: limits.memoryBytes },
    { name: "pids", values: of(({ pids }) => pids), limit: limits.pids },
    {
      name: "disk",
      values: of(({ disk }) => disk.usedBytes),
      limit: last?.disk.limitBytes ?? limits.diskBytes,
    },
    { name: "files", values: of(({ disk }) => disk.usedInodes), limit: last?.disk.limitInodes ?? 0 },
    {
      name: "sent",
      values: rates(looks, ({ network }) => network.sentBytes),
      limit: limits.networkBytesPerSecond,
    },
    {
      name: "received",
      values: rates(looks, ({ network }) => network.receivedBytes),
      limit: limits.networkBytesPerSecond,
    },
  ];
}

/** Share of the limit, 0 to 1; a figure above its limit is at it. */
export const shareOf = (value: number, limit: number): number =>
  limit > 0 ? Math.min(1, Math.max(0, value / limit)) : 0;
