import { setTimeout as sleep } from "node:timers/promises";
import type { Measure } from "../run.ts";
import { percentile, type Row, row } from "../table.ts";
import { bareCrun } from "./bare-crun.ts";
import { bulkOutput, keyEchoes, settle } from "./echo.ts";
import { count, more } from "./leaks.ts";
import { firstByte, startPlainServer } from "./peers.ts";
import { Person } from "./person.ts";
import { cpuSeconds, memoryBytes, type RunningSlipway, SETTINGS } from "./slipway.ts";
import { Ears, type Viewed, view } from "./viewer.ts";

export interface Bench {
  readonly slipway: RunningSlipway;
  readonly directory: string;
  /** Command line of `docker run -it` of the same image, or null where there is no Docker. */
  readonly dockerRun: readonly string[] | null;
  /** Numbers beside those of the table. */
  readonly note: (line: string) => void;
}

/** debian has the bash that is on the machine too. */
export const IMAGE = "debian:bookworm-slim";
const DOCKERFILE = `FROM ${IMAGE}\n`;
const MIB = 1024 ** 2;
const LAUNCHES = 25;
/** Between two launches a person does something; the pool is filled up again meanwhile. */
const LAUNCH_PAUSE_MS = 600;
const KEYS = 400;
const BULK_MB = 200;
const TYPISTS = 200;
const KEY_INTERVAL_MS = 500;
const TYPING_MS = 20_000;
const CYCLES = 1_000;
const CYCLE_PEOPLE = 40;
const EDGE = 100;

interface Open {
  readonly person: Person;
  readonly session: string;
  readonly terminal: Viewed;
  /** Milliseconds from the launch to the first byte. */
  readonly launchMs: number;
}

/** One launch as the page makes it: ask, connect with the ticket of the answer, wait for the first byte. */
async function open(bench: Bench, person: Person): Promise<Open> {
  const ears = new Ears();
  const first = ears.output(() => true);
  const started = performance.now();
  const { id, terminal } = await person.launch();
  const viewed = await view({ url: bench.slipway.url, session: id, ticket: terminal.ticket }, ears);
  return { person, session: id, terminal: viewed, launchMs: (await first) - started };
}

async function close({ person, session, terminal }: Open): Promise<void> {
  terminal.close();
  await person.stop(session);
}

const compared = (name: string, unit: string, ours: number, peer: number | null, peerName: string): Row => ({
  ...row(name, unit, ours),
  peer: peer === null ? null : Number(peer.toPrecision(3)),
  peerName: peer === null ? null : peerName,
  ratio: peer === null ? null : Number((ours / peer).toPrecision(2)),
});

async function launches(bench: Bench): Promise<Row[]> {
  const people = [
    await Person.enter(bench.slipway.url, DOCKERFILE),
    await Person.enter(bench.slipway.url, DOCKERFILE),
  ];
  const ours: number[] = [];
  for (let launch = 0; launch < LAUNCHES; launch += 1) {
    const opened = await open(bench, people[launch % people.length] as Person);
    ours.push(opened.launchMs);
    await close(opened);
    await sleep(LAUNCH_PAUSE_MS);
  }
  const docker: number[] = [];
  for (let run = 0; bench.dockerRun !== null && run < LAUNCHES; run += 1) {
    docker.push(await firstByte(bench.dockerRun));
  }
  const alive = await open(bench, people[0] as Person);
  const limits = { memoryBytes: 512 * MIB, cpus: Number(SETTINGS.SLIPWAY_SESSION_CPUS), pids: 512 };
  const crun = await bareCrun(bench.directory, limits, LAUNCHES);
  await close(alive);
  const p50 = percentile(ours, 0.5);
  bench.note(`launch: p90 ${percentile(ours, 0.9).toFixed(1)} ms, best ${Math.min(...ours).toFixed(1)} ms`);
  return [
    compared("launch", "ms", p50, docker.length === 0 ? null : percentile(docker, 0.5), "docker run -it"),
    compared("launch-vs-crun", "ms", p50, percentile(crun, 0.5), "crun run"),
  ];
}

async function echoes(bench: Bench): Promise<Row[]> {
  const opened = await open(bench, await Person.enter(bench.slipway.url, DOCKERFILE));
  const plain = await startPlainServer("bash");
  try {
    await settle(opened.terminal);
    await settle(plain.terminal);
    const ours: number[] = [];
    const peer: number[] = [];
    // In turns, so that both meet the same machine.
    for (let turn = 0; turn < 4; turn += 1) {
      ours.push(...(await keyEchoes(opened.terminal, KEYS / 4)));
      peer.push(...(await keyEchoes(plain.terminal, KEYS / 4)));
    }
    return (
      [
        ["echo-p50", 0.5],
        ["echo-p99", 0.99],
      ] as const
    ).map(([name, share]) =>
      compared(name, "ms", percentile(ours, share), percentile(peer, share), "ws + pty"),
    );
  } finally {
    await plain.close();
    await close(opened);
  }
}

async function bulk(bench: Bench): Promise<Row[]> {
  const opened = await open(bench, await Person.enter(bench.slipway.url, DOCKERFILE));
  const plain = await startPlainServer("bash");
  try {
    await settle(opened.terminal);
    await settle(plain.terminal);
    const { workerPid } = bench.slipway;
    await bulkOutput(opened.terminal, BULK_MB / 10, () => {});
    const before = memoryBytes(workerPid);
    let most = before;
    let chunks = 0;
    const look = () => {
      chunks += 1;
      if (chunks % 100 === 0) most = Math.max(most, memoryBytes(workerPid));
    };
    const ours = await bulkOutput(opened.terminal, BULK_MB, look);
    await bulkOutput(plain.terminal, BULK_MB / 10, () => {});
    const peer = await bulkOutput(plain.terminal, BULK_MB, () => {});
    bench.note(
      `bulk: the worker has ${(before / 1e6).toFixed(0)} MB before and at most ${(most / 1e6).toFixed(0)} MB`,
    );
    return [compared("bulk", "MB/s", ours.megabytesPerSecond, peer.megabytesPerSecond, "ws + pty")];
  } finally {
    await plain.close();
    await close(opened);
  }
}

/** 200 people with a session each; idle memory is measured on them before they type. */
async function typing(bench: Bench): Promise<Row[]> {
  const { slipway } = bench;
  const people: Person[] = [];
  for (let person = 0; person < TYPISTS; person += 1)
    people.push(await Person.enter(slipway.url, DOCKERFILE));
  await sleep(2_000);
  const { workerPid } = slipway;
  const shims = () => slipway.shimPids.reduce((sum, pid) => sum + memoryBytes(pid), 0);
  const before = memoryBytes(workerPid) + shims();
  const all: Open[] = [];
  for (const person of people) all.push(await open(bench, person));
  for (const { terminal } of all) await settle(terminal);
  await sleep(5_000);
  const idle = (memoryBytes(workerPid) + shims() - before) / TYPISTS / 1e6;
  const keys = Math.round(TYPING_MS / KEY_INTERVAL_MS);
  const used = cpuSeconds(workerPid);
  const started = performance.now();
  const samples = await Promise.all(
    all.map(async ({ terminal }, typist) => {
      await sleep((typist * KEY_INTERVAL_MS) / TYPISTS);
      return await keyEchoes(terminal, keys, KEY_INTERVAL_MS);
    }),
  );
  const cores = (cpuSeconds(workerPid) - used) / ((performance.now() - started) / 1000);
  const echoed = samples.flat();
  bench.note(`typing-200: p50 ${percentile(echoed, 0.5).toFixed(1)} ms`);
  for (const opened of all) await close(opened);
  return [
    row("typing-200-p99", "ms", percentile(echoed, 0.99)),
    row("typing-200-cpu", "cores", cores),
    row("idle-memory", "MB", idle),
  ];
}

async function cycles(bench: Bench): Promise<Row[]> {
  const people: Person[] = [];
  for (let one = 0; one < CYCLE_PEOPLE; one += 1)
    people.push(await Person.enter(bench.slipway.url, DOCKERFILE));
  const once = async (cycle: number): Promise<number> => {
    const opened = await open(bench, people[cycle % people.length] as Person);
    await close(opened);
    return opened.launchMs;
  };
  for (let warm = 0; warm < CYCLE_PEOPLE; warm += 1) await once(warm);
  const look = () => count(bench.directory, `slipway${SETTINGS.SLIPWAY_INSTANCE}`, bench.slipway.workerPid);
  await sleep(3_000);
  const before = look();
  const samples: number[] = [];
  for (let cycle = 0; cycle < CYCLES; cycle += 1) samples.push(await once(cycle));
  await sleep(3_000);
  const leaked = more(before, look());
  bench.note(`cycles-1000: left behind: ${leaked.length === 0 ? "nothing" : leaked.join(", ")}`);
  const first = percentile(samples.slice(0, EDGE), 0.5);
  const last = percentile(samples.slice(-EDGE), 0.5);
  return [compared("cycles-1000", "ms", last, first, "the first hundred")];
}

export const MEASURES: readonly Measure<Bench>[] = [
  { rows: ["launch", "launch-vs-crun"], measure: launches },
  { rows: ["echo-p50", "echo-p99"], measure: echoes },
  { rows: ["bulk"], measure: bulk },
  { rows: ["typing-200-p99", "typing-200-cpu", "idle-memory"], measure: typing },
  { rows: ["cycles-1000"], measure: cycles },
];
