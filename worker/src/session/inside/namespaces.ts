import { readlink } from "node:fs/promises";
import { type IdMap, type NamespaceKind, type NamespaceView, namespaceKindSchema } from "@slipway/protocol";
import { readProc } from "./process-status.ts";

/** Lines of an id map that are told, as the protocol has it. */
const MAX_ID_MAPS = 8;

/** Numbers of the namespaces that a process is in; those that can't be told, or that the kernel doesn't have, are left out. */
export type NamespaceIds = ReadonlyMap<NamespaceKind, number>;

export async function namespacesOf(pid: number | "self"): Promise<NamespaceIds> {
  const found = await Promise.all(
    namespaceKindSchema.options.map(async (kind) => {
      const target = await readlink(`/proc/${pid}/ns/${kind}`).catch(() => "");
      return [kind, Number(/\[(\d+)\]$/.exec(target)?.[1] ?? Number.NaN)] as const;
    }),
  );
  return new Map(found.filter(([, id]) => Number.isSafeInteger(id)));
}

/** Whose each namespace is, among the worker and the containers of one session. */
export function whose(
  own: NamespaceIds,
  others: readonly NamespaceIds[],
  worker: NamespaceIds,
): NamespaceView[] {
  return [...own].map(([kind, id]) => {
    if (worker.get(kind) === id) return { kind, id, of: "worker" };
    return { kind, id, of: others.some((other) => other.get(kind) === id) ? "session" : "own" };
  });
}

/** A map of ids as the worker sees it (user_namespaces(7)). */
export function parseIdMap(text: string): IdMap[] {
  return text
    .split("\n")
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter((numbers) => numbers.length === 3 && numbers.every(Number.isSafeInteger))
    .slice(0, MAX_ID_MAPS)
    .map(([inside = 0, outside = 0, count = 0]) => ({ inside, outside, count }));
}

export const readIdMap = async (pid: number, file: "uid_map" | "gid_map"): Promise<IdMap[]> =>
  parseIdMap((await readProc(pid, file))?.toString() ?? "");

/** The id inside for one outside; null where there is none. */
export function insideId(map: readonly IdMap[], outside: number): number | null {
  const range = map.find((one) => outside >= one.outside && outside < one.outside + one.count);
  return range === undefined ? null : range.inside + outside - range.outside;
}
