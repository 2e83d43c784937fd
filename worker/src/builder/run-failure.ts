import { SlipwayError } from "@slipway/protocol";
import type { CgroupCounters } from "../cgroup/cgroup.ts";

/** Exit code of a command that was killed (128 + SIGKILL), by the kernel or by somebody else. */
const KILLED = 137;
/** A peak this near to the limit was at it: the kernel counts in portions. */
const AT_LIMIT_PART = 0.98;

/** How often the limits of a build were met before and after a step; steps of one build that run side by side share them. */
export interface MetLimits {
  readonly before: CgroupCounters;
  readonly after: CgroupCounters;
  readonly limits: { readonly memoryBytes: number; readonly pids: number };
}

/**
 * A RUN that failed. The sentence is BuildKit's; where the kernel says that the command met a limit of the build, the limit
 * is named, with what it allows and what was counted.
 */
export function runFailed(args: readonly string[], exitCode: number, met: MetLimits): SlipwayError {
  const command = args.join(" ").slice(0, 1000);
  const reached = reachedLimit(exitCode, met);
  const sentence = `process "${command}" did not complete successfully: exit code: ${exitCode}`;
  return new SlipwayError("run-failed", reached ? `${sentence} (${reached.words})` : sentence, {
    params: { command, exitCode, ...reached?.params },
  });
}

function reachedLimit(exitCode: number, { before, after, limits }: MetLimits) {
  const kills = after.oomKills - before.oomKills;
  // The count of a group that went with its container is lost; the build's peak stays.
  const peak = limits.memoryBytes * AT_LIMIT_PART;
  const wasAtPeak = exitCode === KILLED && before.peakMemoryBytes < peak && after.peakMemoryBytes >= peak;
  if (kills > 0 || wasAtPeak) {
    const times = Math.max(kills, 1);
    return {
      words: `the kernel killed ${times} of its processes, as a build may use ${limits.memoryBytes} bytes of memory`,
      params: { limit: "memory", allowed: limits.memoryBytes, times, used: after.peakMemoryBytes },
    };
  }
  const times = after.refusedForks - before.refusedForks;
  if (times <= 0) return null;
  return {
    words: `it was refused ${times} more processes than the ${limits.pids} that a build may have`,
    params: { limit: "pids", allowed: limits.pids, times },
  };
}
