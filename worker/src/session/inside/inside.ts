import {
  type ContainerInside,
  MAX_SEEN_CONTAINERS,
  MAX_SEEN_PROCESSES,
  type SessionInside,
} from "@slipway/protocol";
import type { Cgroups } from "../../cgroup/cgroup.ts";
import { capabilityNames } from "./capability-names.ts";
import { insideId, type NamespaceIds, namespacesOf, readIdMap, whose } from "./namespaces.ts";
import { type ProcessStatus, parseStatus, readProc, shownCommand } from "./process-status.ts";

/** How the containers of a session are called. */
export interface ContainerNames {
  /** Id of the main container. */
  readonly main: string;
  /** What docker calls a container of this id; null where it made none. */
  nameOf(id: string): string | null;
}

interface Seen {
  readonly hostPid: number;
  readonly status: ProcessStatus;
  readonly command: string;
  /** Name of its container's group below the session's. */
  readonly container: string;
}

/**
 * The processes of a session's control group and the containers that they are in. Containers are told apart by their groups,
 * which no process can leave. What ends meanwhile is left out.
 */
export async function lookInside(
  cgroups: Pick<Cgroups, "somePids">,
  cgroup: string,
  { main, nameOf }: ContainerNames,
): Promise<SessionInside> {
  const hostPids = cgroups.somePids(cgroup, MAX_SEEN_PROCESSES + 1);
  const looked = await Promise.all(
    hostPids.slice(0, MAX_SEEN_PROCESSES).map((hostPid) => lookAt(hostPid, cgroup)),
  );
  const seen = looked.filter((one) => one !== null).sort((one, other) => one.hostPid - other.hostPid);
  const [worker, containers] = await Promise.all([
    namespacesOf("self"),
    Promise.all(firstOf(seen).map(({ hostPid, container }) => stand(hostPid, container))),
  ]);
  return {
    at: Date.now(),
    worker: [...worker].map(([kind, id]) => ({ kind, id })),
    containers: firstOf(seen).map((first, index) =>
      containerOf(first, containers, index, { worker, cgroup, main, name: nameOf(first.container) }),
    ),
    processes: seen.map(({ hostPid, status, command, container }) => ({
      container,
      hostPid,
      pid: status.pids.at(-1) ?? hostPid,
      parentHostPid: status.parentPid,
      hostUid: status.uid,
      uid: insideId(containers.find((one) => one.id === container)?.uids ?? [], status.uid),
      name: status.name,
      command,
      state: status.state,
      memoryBytes: status.memoryBytes,
    })),
    cut: hostPids.length > MAX_SEEN_PROCESSES,
  };
}

async function lookAt(hostPid: number, cgroup: string): Promise<Seen | null> {
  const [status, command, groups] = await Promise.all(
    ["status", "cmdline", "cgroup"].map((file) => readProc(hostPid, file)),
  );
  if (!status || !command || !groups) return null;
  const parsed = parseStatus(status.toString());
  const container = containerIn(groups.toString(), cgroup);
  if (parsed === null || container === null) return null;
  return { hostPid, status: parsed, command: shownCommand(command), container };
}

/** Lines are `<hierarchy>:<controllers>:<path>` (cgroups(7)); null for a process that is not in the group. */
export function containerIn(groups: string, cgroup: string): string | null {
  const below = groups
    .split("\n")
    .map((line) => line.split(":").slice(2).join(":"))
    .find((group) => group.startsWith(`${cgroup}/`));
  return (
    below
      ?.slice(cgroup.length + 1)
      .split("/", 1)[0]
      ?.slice(0, 64) || null
  );
}

/** The first process of each container: the one with the lowest number inside, which all others come from. */
function firstOf(seen: readonly Seen[]): Seen[] {
  const first = new Map<string, Seen>();
  for (const one of seen) {
    const known = first.get(one.container);
    if (!known || (one.status.pids.at(-1) ?? 0) < (known.status.pids.at(-1) ?? 0))
      first.set(one.container, one);
  }
  return [...first.values()].slice(0, MAX_SEEN_CONTAINERS);
}

interface Standing extends Pick<ContainerInside, "id" | "uids" | "gids"> {
  readonly namespaces: NamespaceIds;
}

async function stand(hostPid: number, id: string): Promise<Standing> {
  const [namespaces, uids, gids] = await Promise.all([
    namespacesOf(hostPid),
    readIdMap(hostPid, "uid_map"),
    readIdMap(hostPid, "gid_map"),
  ]);
  return { id, namespaces, uids, gids };
}

function containerOf(
  { container, status }: Seen,
  all: readonly Standing[],
  index: number,
  { worker, cgroup, main, name }: { worker: NamespaceIds; cgroup: string; main: string; name: string | null },
): ContainerInside {
  const own = all[index];
  const others = all.filter((one) => one !== own).map((one) => one.namespaces);
  return {
    id: container,
    main: container === main,
    name,
    namespaces: own ? whose(own.namespaces, others, worker) : [],
    uids: own?.uids ?? [],
    gids: own?.gids ?? [],
    capabilities: capabilityNames(status.boundingSet),
    noNewPrivileges: status.noNewPrivileges,
    seccomp: status.seccomp,
    cgroup: `${cgroup}/${container}`.slice(0, 256),
  };
}
