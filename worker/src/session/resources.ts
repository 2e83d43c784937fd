import type { LaunchRequest, SessionId } from "@slipway/protocol";
import type { NetworkPolicy } from "../network/network.ts";
import type { SessionParts } from "./parts.ts";
import type { SessionRecord } from "./record.ts";

/** The one container of a session; its disk, network and cgroup bear the session's own name. */
export const containerId = (session: SessionId): string => `${session}-main`;

/** Characters of the session id that become the host name; Docker shows as many of a container's id. */
const HOSTNAME_LENGTH = 12;
export const hostname = (session: SessionId): string => session.slice(0, HOSTNAME_LENGTH);

/** What a launch says of the session's network. */
export const networkPolicy = ({ sessionId, egress, limits }: LaunchRequest): NetworkPolicy => ({
  egress,
  bytesPerSecond: limits.networkBytesPerSecond,
  hostNames: [hostname(sessionId)],
});

/**
 * Removes everything that a session is made of, but its terminals, whose last output people may still want to read.
 * Safe to repeat and safe for half-made sessions: each part treats a missing thing as removed. The order follows who
 * uses what: processes first, then what they stood on. A part that fails doesn't keep the others from going.
 */
export async function removeResources(parts: SessionParts, id: SessionId): Promise<void> {
  const steps: readonly [string, () => Promise<void>][] = [
    ["container", async () => (await parts.runtime.adopt(containerId(id)))?.remove()],
    ["cgroup", () => parts.cgroups.remove(id)],
    ["network", () => parts.network.remove(id)],
    ["disk", () => parts.disks.remove(id)],
  ];
  for (const [what, remove] of steps) {
    try {
      await remove();
    } catch (error) {
      parts.log.error({ err: error, sessionId: id, what }, "a part of an ended session could not be removed");
    }
  }
}

export async function removeTerminals(parts: SessionParts, record: SessionRecord): Promise<void> {
  const { main, shell } = record.request.terminals;
  await Promise.all([parts.terminals.remove(main), parts.terminals.remove(shell)]);
}

/** Removes what belongs to no session of `known`: left-overs of launches that a kill cut off, or of lost records. */
export async function removeOrphans(parts: SessionParts, known: readonly SessionRecord[]): Promise<void> {
  const sessions = new Set<string>(known.map((record) => record.request.sessionId));
  const containers = new Set(known.map((record) => containerId(record.request.sessionId)));
  const terminals = new Set<string>(known.flatMap(({ request }) => Object.values(request.terminals)));
  const orphans = (names: readonly string[], keep: ReadonlySet<string>) =>
    names.filter((name) => !keep.has(name));

  for (const id of orphans(await parts.runtime.list(), containers)) {
    await (await parts.runtime.adopt(id))?.remove();
  }
  for (const id of await parts.terminals.list()) if (!terminals.has(id)) await parts.terminals.remove(id);
  for (const name of orphans(await parts.cgroups.list(), sessions)) await parts.cgroups.remove(name);
  for (const name of orphans(await parts.network.list(), sessions)) await parts.network.remove(name);
  for (const name of orphans(await parts.disks.list(), sessions)) await parts.disks.remove(name);
}
