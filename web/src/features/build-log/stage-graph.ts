import type { StageGroup } from "./stage-groups.ts";

/** A stage with its place in the graph. */
export interface GraphNode {
  readonly group: StageGroup;
  /** Stages of one column can be built side by side: all that they need is in columns before. */
  readonly column: number;
  readonly row: number;
}

export interface StageGraph {
  readonly nodes: readonly GraphNode[];
  /** By places in `nodes`: the second waits for the first. */
  readonly edges: readonly (readonly [number, number])[];
  readonly columns: number;
  readonly rows: number;
}

/** The stages in columns, each right after the last one that it waits for. Needs that are no stages of the plan are left out. */
export function stageGraph(groups: readonly StageGroup[]): StageGraph {
  const places = new Map(groups.map(({ name }, index) => [name, index]));
  const columns: number[] = [];
  const filled: number[] = [];
  const edges: (readonly [number, number])[] = [];
  const nodes = groups.map((group, index) => {
    // A stage needs only what stands above it, so that the columns of its needs are known.
    const needs = group.needs.flatMap((name) => {
      const place = places.get(name);
      return place === undefined || place >= index ? [] : [place];
    });
    for (const need of needs) edges.push([need, index]);
    const column = needs.reduce((most, need) => Math.max(most, (columns[need] ?? 0) + 1), 0);
    columns.push(column);
    const row = filled[column] ?? 0;
    filled[column] = row + 1;
    return { group, column, row };
  });
  return { nodes, edges, columns: filled.length, rows: Math.max(0, ...filled) };
}
