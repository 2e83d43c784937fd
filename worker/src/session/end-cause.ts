import type { EndCause, LimitEvent, Metric } from "@slipway/protocol";

/** A limit that was reached so shortly before the main process ended is why it did. */
const RECENT_MS = 10_000;

/** Why a session is over whose main process has ended by itself. */
export function causeOfEnd(facts: {
  readonly exitCode: number | null;
  /** True when the kernel killed one of its processes for memory. */
  readonly outOfMemory: boolean;
  readonly events: readonly LimitEvent[];
  readonly memoryBytes: number;
  readonly now: number;
}): { cause: EndCause; metric: Metric | null } {
  const { exitCode, events, now } = facts;
  const recent = (event: LimitEvent) => now - event.lastAt <= RECENT_MS;
  if (facts.outOfMemory) {
    const kill = events.findLast(({ limit, process }) => limit === "memory" && process?.killed);
    const bytes = kill?.process?.memoryBytes ?? facts.memoryBytes;
    return { cause: "out-of-memory", metric: { name: "memory.usage", value: bytes, unit: "bytes" } };
  }
  const full = events.findLast((event) => ["disk", "inodes"].includes(event.limit) && recent(event));
  if (full && exitCode !== 0) return { cause: "disk-quota", metric: full.metric };
  return { cause: "command-exited", metric: null };
}
