import type { LaunchRequest, TerminalId } from "@slipway/protocol";
import type { NetworkPolicy } from "../network/network.ts";
import { findFurther } from "./containers/remains.ts";
import { engineDirectories, removeEngineDirectory } from "./engine-door.ts";
import type { SessionParts } from "./parts.ts";
import type { Place } from "./place.ts";
import type { SessionRecord } from "./record.ts";

/** What a launch says of the session's network. */
export const networkPolicy = (
  { egress, limits }: Pick<LaunchRequest, "egress"> & { limits: { networkBytesPerSecond: number } },
  place: Place,
): NetworkPolicy => ({
  egress,
  bytesPerSecond: limits.networkBytesPerSecond,
  hostNames: [place.hostname],
});

/**
 * Removes everything that a session is made of, but its terminals, whose last output people may still want to read, and its
 * disk where `keep` says so. Safe to repeat and safe for half-made sessions: each part treats a missing thing as removed. The
 * order follows who uses what: processes first, then what they stood on. A part that fails doesn't keep the others from going.
 */
export async function removeResources(
  parts: SessionParts,
  place: Place,
  keep: { readonly disk: boolean } = { disk: false },
): Promise<void> {
  const steps: readonly (readonly [string, () => Promise<void>])[] = [
    ["container", async () => (await parts.runtime.adopt(place.container))?.remove()],
    ["cgroup", () => parts.cgroups.remove(place.name)],
    ["network", () => parts.network.remove(place.name)],
    ["engine", () => removeEngineDirectory(parts.directory, place.name)],
    ...(keep.disk ? [] : [["disk", () => parts.disks.remove(place.name)] as const]),
  ];
  for (const [what, remove] of steps) {
    try {
      await remove();
    } catch (error) {
      parts.log.error({ err: error, place: place.name, what }, "a part of a session could not be removed");
    }
  }
}

/** Names under which the terminals know those of a session. */
export function terminalNames({ request, place, report }: SessionRecord): Map<TerminalId, TerminalId> {
  const ids = [request.terminals.shell, ...report.terminals.map(({ terminalId }) => terminalId)];
  const names = new Map(ids.map((id) => [id, id]));
  return names.set(request.terminals.main, place.main);
}

export async function removeTerminals(parts: SessionParts, record: SessionRecord): Promise<void> {
  await Promise.all([...terminalNames(record).values()].map((name) => parts.terminals.remove(name)));
}

/**
 * Looks for what belongs to no session of `known`: left-overs of launches that a kill cut off, starts that were prepared for
 * nobody yet, or what lost records named. Returns what removes it; what comes into being in between is none of it.
 */
export async function findOrphans(
  parts: SessionParts,
  known: readonly SessionRecord[],
): Promise<() => Promise<void>> {
  const { runtime, cgroups, network, disks, directory } = parts;
  const places = new Set<string>(known.map(({ place }) => place.name));
  const alive = known.filter(({ report }) => report.state === "running").map(({ place }) => place.name);
  const further = await findFurther(parts, new Set(alive));
  const containers = new Set([...known.map(({ place }) => place.container), ...further.kept]);
  const terminals = new Set<string>(known.flatMap((record) => [...terminalNames(record).values()]));
  const orphan = async <Name extends string>(
    list: Promise<readonly Name[]>,
    keep: ReadonlySet<string>,
    one: (name: Name) => Promise<unknown>,
  ) => {
    const names = (await list).filter((name) => !keep.has(name));
    return () => Promise.all(names.map(one));
  };
  const [ofRuntime, ofTerminals, ofCgroups, ...rest] = await Promise.all([
    orphan(runtime.list(), containers, async (id) => (await runtime.adopt(id))?.remove()),
    orphan(parts.terminals.list(), terminals, (id) => parts.terminals.remove(id)),
    orphan(cgroups.list(), places, (name) => cgroups.remove(name)),
    orphan(network.list(), places, (name) => network.remove(name)),
    orphan(disks.list(), places, (name) => disks.remove(name)),
    orphan(engineDirectories(directory), places, (name) => removeEngineDirectory(directory, name)),
  ]);
  return async () => {
    await further.removeOrphans();
    // Those of one kind side by side; what stands on something goes before it.
    await ofRuntime();
    await ofTerminals();
    await ofCgroups();
    await Promise.all(rest.map((remove) => remove()));
  };
}
