import { LOOK_AGE_MS, type SessionInside, type SessionUsage } from "@slipway/protocol";
import type { Cgroups } from "../../cgroup/cgroup.ts";
import type { Ground } from "../ground.ts";
import { type ContainerNames, lookInside } from "./inside.ts";

export interface SessionLooksOptions extends ContainerNames {
  readonly cgroups: Cgroups;
  readonly ground: Ground;
  /** Path of the session's control group. */
  readonly cgroup: string;
}

/** Looks at one session that runs, at most one a second of each kind, however many people watch. */
export class SessionLooks {
  readonly usage: () => Promise<SessionUsage>;
  readonly inside: () => Promise<SessionInside>;

  constructor({ cgroups, ground, cgroup, main, nameOf }: SessionLooksOptions) {
    this.usage = onceInAWhile(async () => {
      const [used, disk, { sent, received }] = await Promise.all([
        cgroups.usage(cgroup),
        ground.disk.usage(),
        ground.network.traffic(),
      ]);
      return {
        at: Date.now(),
        cpuMicroseconds: Math.round(used.cpuMicroseconds),
        memoryBytes: used.memoryBytes,
        pids: used.pids,
        disk: {
          usedBytes: disk.usedBytes,
          limitBytes: disk.limitBytes,
          usedInodes: disk.usedInodes,
          limitInodes: disk.limitInodes,
        },
        network: { sentBytes: sent.bytes, receivedBytes: received.bytes },
      };
    });
    this.inside = onceInAWhile(() => lookInside(cgroups, cgroup, { main, nameOf }));
  }
}

/** One look for all that ask within LOOK_AGE_MS of its beginning. One that fails is not kept. */
export function onceInAWhile<Seen>(
  look: () => Promise<Seen>,
  now = () => performance.now(),
): () => Promise<Seen> {
  let last: { readonly seen: Promise<Seen>; readonly atMs: number } | null = null;
  return () => {
    if (last !== null && now() - last.atMs < LOOK_AGE_MS) return last.seen;
    const seen = look();
    const mine = { seen, atMs: now() };
    last = mine;
    seen.catch(() => {
      if (last === mine) last = null;
    });
    return seen;
  };
}
