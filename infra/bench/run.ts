import { cpus, release, totalmem } from "node:os";
import { parseArgs } from "node:util";
import { print, type Row } from "./table.ts";

/** What is measured together, by the names of its rows. */
export interface Measure<Bench> {
  readonly rows: readonly string[];
  measure(bench: Bench): Promise<Row[]>;
}

/** What the command line asks for. */
export interface Wish<Name extends string = string> {
  readonly json: boolean;
  readonly names: readonly Name[];
  /** Rows that were named and that nobody measures. */
  readonly unknown: readonly string[];
  wants(name: string): boolean;
}

/** `[--json] [row …]`; without a row all of them. */
export function readWish<Name extends string>(names: readonly Name[]): Wish<Name> {
  const options = { json: { type: "boolean" as const, default: false } };
  const { values, positionals } = parseArgs({ options, allowPositionals: true });
  return {
    json: values.json,
    names,
    unknown: positionals.filter((name) => !names.some((known) => known === name)),
    wants: (name) => positionals.length === 0 || positionals.includes(name),
  };
}

/** Stderr: what `--json` writes to stdout stays readable for programs. */
export const note = (line: string): void => void process.stderr.write(`${line}\n`);

/** Says on what machine the figures came to be. */
export function noteMachine(...more: readonly string[]): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "core"}, ${Math.round(totalmem() / 1024 ** 3)} GiB`;
  note([machine, `kernel ${release()}`, `Node ${process.versions.node}`, ...more].join(", "));
}

/** Measures what is wanted, and prints it: with `--json` line by line as it is known, since the whole takes minutes. */
export async function measureRows<Bench>(
  measures: readonly Measure<Bench>[],
  { json, wants }: Wish,
  bench: Bench,
): Promise<void> {
  const rows: Row[] = [];
  for (const { rows: those, measure } of measures.filter(({ rows: some }) => some.some(wants))) {
    note(`measuring ${those.join(", ")}`);
    const measured = (await measure(bench)).filter(({ row }) => wants(row));
    rows.push(...measured);
    if (json) print(measured, true);
  }
  if (!json) print(rows, false);
}

/** Rejects when a signal asks the bench to end before its work is done. */
export async function untilInterrupted<Result>(work: Promise<Result>): Promise<Result> {
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
      process.once(signal, () => reject(new Error(`The bench was ended by ${signal}.`)));
  });
  return await Promise.race([work, interrupted]);
}

/** Runs a bench as a program. `obstacle`: why it can't run here, in a sentence, or null. */
export async function runBench(
  { names, unknown }: Pick<Wish, "names" | "unknown">,
  obstacle: string | null,
  main: () => Promise<void>,
): Promise<void> {
  const why =
    unknown.length > 0
      ? `Which row? ${names.join(" ")}`
      : process.getuid?.() !== 0
        ? "Containers need root: run the bench with sudo."
        : obstacle;
  if (why !== null) {
    console.error(why);
    process.exitCode = 2;
    return;
  }
  await main().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}
