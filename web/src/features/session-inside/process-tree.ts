import type { ProcessView } from "@slipway/protocol";

export interface ProcessRow {
  readonly process: ProcessView;
  /** How many of its ancestors are above it. */
  readonly depth: number;
}

/** No process has this number. */
const OUTSIDE = 0;

/** Processes of one container, each below its parent. Those whose parent is outside stand at the top. */
export function processRows(processes: readonly ProcessView[], container: string): readonly ProcessRow[] {
  const own = processes.filter((process) => process.container === container);
  const there = new Set(own.map(({ hostPid }) => hostPid));
  const children = new Map<number, ProcessView[]>();
  for (const process of own) {
    const { hostPid, parentHostPid } = process;
    const parent = there.has(parentHostPid) && parentHostPid !== hostPid ? parentHostPid : OUTSIDE;
    children.set(parent, [...(children.get(parent) ?? []), process]);
  }
  const below = (parent: number, depth: number): ProcessRow[] =>
    (children.get(parent) ?? [])
      .sort((one, other) => one.pid - other.pid)
      .flatMap((process) => [{ process, depth }, ...below(process.hostPid, depth + 1)]);
  return below(OUTSIDE, 0);
}
