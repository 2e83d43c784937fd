import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Measure } from "../run.ts";
import { percentile, type Row, row } from "../table.ts";
import type { DockerHost } from "./hosts.ts";

export interface Bench {
  /** A session. */
  readonly ours: DockerHost;
  /** Debian's dockerd. */
  readonly peer: DockerHost;
  readonly peerName: string;
  /** What the worker and its keepers take, bytes. */
  readonly memoryBytes: () => number;
  /** Numbers beside those of the table. */
  readonly note: (line: string) => void;
}

const RUNS = 15;
const EXECS = 20;
const LISTS = 20;
const CONTAINERS = 50;
const BUILDS = 3;
const LOGS = 3;
const LOG_BYTES = 100_000_000;
const MB = 1_000_000;
const SLEEP = ["busybox", "sleep", "100000"];
/** A line of 100 bytes; its end is one of them. */
const LINE = "x".repeat(99);

/** What is measured once of one host, milliseconds. */
type Once = (host: DockerHost) => Promise<number>;

/** `times` samples of each host, in turns so that both meet the same machine; the middle ones count. */
async function compare(bench: Bench, name: string, times: number, once: Once): Promise<Row> {
  const [ours, peer]: [number[], number[]] = [[], []];
  for (let turn = 0; turn < times; turn += 1) {
    ours.push(await once(bench.ours));
    peer.push(await once(bench.peer));
  }
  const [mine, theirs] = [percentile(ours, 0.5), percentile(peer, 0.5)];
  bench.note(`${name}: ours ${range(ours)}, ${bench.peerName} ${range(peer)}`);
  return {
    ...row(name, "ms", mine),
    peer: Number(theirs.toPrecision(3)),
    peerName: bench.peerName,
    ratio: Number((mine / theirs).toPrecision(2)),
  };
}

const range = (samples: readonly number[]): string =>
  `${Math.min(...samples).toFixed(0)}–${Math.max(...samples).toFixed(0)} ms`;

const hostsOf = ({ ours, peer }: Bench): DockerHost[] => [ours, peer];

/** Does something on each host before the measurement, and undoes it afterwards. */
async function around(
  bench: Bench,
  begin: readonly string[],
  end: readonly string[],
  measure: () => Promise<Row[]>,
): Promise<Row[]> {
  for (const host of hostsOf(bench)) await host.time(...begin);
  try {
    return await measure();
  } finally {
    for (const host of hostsOf(bench)) await host.time(...end);
  }
}

const runOnce = async (bench: Bench): Promise<Row[]> => [
  await compare(bench, "run-rm-true", RUNS, (host) => host.time("run", "--rm", "busybox", "true")),
];

const runDetached = async (bench: Bench): Promise<Row[]> => [
  await compare(bench, "run-d-rm", RUNS, async (host) => {
    const run = await host.time("run", "--detach", "--name", "bench", ...SLEEP);
    return run + (await host.time("rm", "--force", "bench"));
  }),
];

const execute = (bench: Bench): Promise<Row[]> =>
  around(bench, ["run", "--detach", "--name", "one", ...SLEEP], ["rm", "--force", "one"], async () => [
    await compare(bench, "exec-true", EXECS, (host) => host.time("exec", "one", "true")),
  ]);

/** With the containers that a list is long with, it is also seen what one of them costs. */
async function crowd(bench: Bench): Promise<Row[]> {
  const names = Array.from({ length: CONTAINERS }, (_, number) => `crowd-${number}`);
  const before = bench.memoryBytes();
  // A session's bridge has room for fewer.
  const run = (name: string) => ["run", "--detach", "--network", "none", "--name", name, ...SLEEP];
  for (const name of names) await bench.ours.time(...run(name));
  const each = (bench.memoryBytes() - before) / CONTAINERS / MB;
  for (const name of names) await bench.peer.time(...run(name));
  try {
    const list = await compare(bench, "ps-50", LISTS, (host) => host.time("ps"));
    return [list, row("memory-per-container", "MB", each)];
  } finally {
    for (const host of hostsOf(bench)) await host.time("rm", "--force", ...names);
  }
}

async function build(bench: Bench): Promise<Row[]> {
  const context = await mkdtemp(path.join(tmpdir(), "slipway-bench-engine-"));
  const steps = Array.from({ length: 10 }, (_, number) => `RUN echo ${number} > /step-${number}\n`);
  await writeFile(path.join(context, "Dockerfile"), `FROM busybox\n${steps.join("")}`);
  try {
    const once: Once = (host) => host.time("build", "--no-cache", "--tag", "ten", context);
    return [await compare(bench, "build-run10", BUILDS, once)];
  } finally {
    await rm(context, { recursive: true, force: true });
  }
}

function logs(bench: Bench): Promise<Row[]> {
  const write = `yes ${LINE} | head -c ${LOG_BYTES}`;
  const begin = ["run", "--name", "talker", "busybox", "sh", "-c", write];
  return around(bench, begin, ["rm", "--force", "talker"], async () => [
    await compare(bench, "logs-100m", LOGS, (host) => host.time("logs", "talker")),
  ]);
}

export const MEASURES: readonly Measure<Bench>[] = [
  { rows: ["run-rm-true"], measure: runOnce },
  { rows: ["run-d-rm"], measure: runDetached },
  { rows: ["exec-true"], measure: execute },
  { rows: ["ps-50", "memory-per-container"], measure: crowd },
  { rows: ["build-run10"], measure: build },
  { rows: ["logs-100m"], measure: logs },
];
