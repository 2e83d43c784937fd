/** One measurement. `ours`, `peer` in `unit`; `peer` and `ratio` are null where there is nothing to compare with. */
export interface Row {
  readonly row: string;
  readonly unit: string;
  readonly ours: number;
  readonly peer: number | null;
  readonly peerName: string | null;
  readonly ratio: number | null;
}

/** A row without a peer, its number cut to three significant digits. */
export const row = (name: string, unit: string, ours: number): Row => ({
  row: name,
  unit,
  ours: Number(ours.toPrecision(3)),
  peer: null,
  peerName: null,
  ratio: null,
});

/** Prints rows as a table for the docs, or with `--json` as one JSON object a line. */
export function print(rows: readonly Row[], json: boolean): void {
  if (json) {
    for (const entry of rows) console.log(JSON.stringify(entry));
    return;
  }
  console.log("| row | ours | peer | ratio |\n| --- | ---: | ---: | ---: |");
  for (const { row: name, unit, ours, peer, peerName, ratio } of rows) {
    console.log(
      `| ${name} | ${ours} ${unit} | ${peer === null ? "" : `${peer} ${unit} (${peerName})`} | ${ratio ?? ""} |`,
    );
  }
}

/** The value below which `share` (0 … 1) of the samples lie. */
export function percentile(samples: readonly number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN;
}
