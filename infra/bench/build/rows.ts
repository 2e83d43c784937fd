import type { Row } from "../table.ts";
import { serveLargeContext } from "./large-context.ts";
import type { Peer } from "./peers.ts";
import { Slipway } from "./slipway.ts";
import { classroomApp, classroomTrivial, manyFiles, realImage, tenRuns } from "./workloads.ts";

export interface Bench {
  /** For everything that is made; removed at the end. */
  readonly directory: string;
  /** A builder's directory with the base images. */
  readonly images: string;
  readonly peers: readonly Peer[];
  /** Numbers beside those of the table. */
  readonly note: (line: string) => void;
}

/** Of so many repetitions the best one counts, on both sides. */
const REPETITIONS = 3;
const LONG_REPETITIONS = 2;
const PEOPLE = 100;

type Measure = (bench: Bench) => Promise<Row>;

export const ROWS = {
  "run10-cold": run10Cold,
  "run10-cached": run10Cached,
  "copy-20k": copy20k,
  "real-image": realImageRow,
  "classroom-100": classroom100,
  "context-1g-rss": context1gRss,
} satisfies Record<string, Measure>;

export type RowName = keyof typeof ROWS;

/** Images that the rows stand on. */
export const IMAGES: Readonly<Record<RowName, readonly string[]>> = {
  "run10-cold": ["busybox"],
  "run10-cached": ["busybox"],
  "copy-20k": ["busybox"],
  "real-image": ["debian:bookworm-slim", "node"],
  "classroom-100": ["debian:bookworm-slim", "node"],
  "context-1g-rss": ["busybox"],
};

/** Rows that others are measured for. */
export const COMPARED: ReadonlySet<RowName> = new Set([
  "run10-cold",
  "run10-cached",
  "copy-20k",
  "real-image",
]);

async function run10Cold(bench: Bench): Promise<Row> {
  const slipway = await Slipway.start(bench.images, bench.directory);
  try {
    const context = (word: string) => tenRuns(bench.directory, word);
    await slipway.do({ kind: "build", directory: await context("warm"), noCache: true });
    const ours = await repeat(REPETITIONS, async (word) =>
      slipway.do({ kind: "build", directory: await context(word), noCache: true }),
    );
    const theirs = await eachPeer(bench.peers, async (peer) => {
      await peer.build(await context("warm"), true);
      return await repeat(REPETITIONS, async (word) => peer.build(await context(word), true));
    });
    return compared(bench, "run10-cold", ours, theirs);
  } finally {
    await slipway.close();
  }
}

async function run10Cached(bench: Bench): Promise<Row> {
  const slipway = await Slipway.start(bench.images, bench.directory);
  try {
    const directory = await tenRuns(bench.directory, "cached");
    await slipway.do({ kind: "build", directory, noCache: false });
    const ours = await repeat(REPETITIONS, () => slipway.do({ kind: "build", directory, noCache: false }));
    const caching = bench.peers.filter(({ caches }) => caches);
    const theirs = await eachPeer(caching, async (peer) => {
      await peer.build(directory, false);
      return await repeat(REPETITIONS, () => peer.build(directory, false));
    });
    return compared(bench, "run10-cached", ours, theirs);
  } finally {
    await slipway.close();
  }
}

async function copy20k(bench: Bench): Promise<Row> {
  const directory = await manyFiles(bench.directory);
  const ours = await repeat(LONG_REPETITIONS, () => fresh(bench, directory));
  const theirs = await eachPeer(bench.peers, (peer) =>
    repeat(LONG_REPETITIONS, async () => {
      await peer.forget();
      return await peer.build(directory, true);
    }),
  );
  return compared(bench, "copy-20k", ours, theirs);
}

/** Everybody in turn, so that a slow moment of the mirrors meets nobody alone. */
async function realImageRow(bench: Bench): Promise<Row> {
  const context = (word: string) => realImage(bench.directory, word);
  const ours = await fresh(bench, await context("ours"));
  const theirs = await eachPeer(bench.peers, async (peer) => {
    await peer.forget();
    return await peer.build(await context("theirs"), true);
  });
  const again = await fresh(bench, await context("again"));
  return compared(bench, "real-image", Math.min(ours, again), theirs);
}

/** One build in a process and a directory that know nothing of it; the process has built something else before. */
async function fresh(bench: Bench, directory: string): Promise<number> {
  const slipway = await Slipway.start(bench.images, bench.directory);
  try {
    const warm = await tenRuns(bench.directory, "warm");
    await slipway.do({ kind: "build", directory: warm, noCache: true });
    return await slipway.do({ kind: "build", directory, noCache: true });
  } finally {
    await slipway.close();
  }
}

async function classroom100(bench: Bench): Promise<Row> {
  const [trivialOne, trivialAll] = await classroom(bench, await classroomTrivial(bench.directory));
  bench.note(
    `classroom-100 of one ADD: ${round(trivialAll)} s, one build ${round(trivialOne)} s; nothing in it runs, so that there is little to share.`,
  );
  const [one, all] = await classroom(bench, await classroomApp(bench.directory));
  return {
    row: "classroom-100",
    unit: "s",
    ours: round(all),
    peer: round(one),
    peerName: "one build",
    ratio: round(all / one),
  };
}

async function classroom(bench: Bench, directory: string): Promise<[one: number, all: number]> {
  const times: number[] = [];
  for (const people of [1, PEOPLE]) {
    const slipway = await Slipway.start(bench.images, bench.directory);
    try {
      const warm = await tenRuns(bench.directory, "warm");
      await slipway.do({ kind: "build", directory: warm, noCache: true });
      times.push(await slipway.do({ kind: "classroom", directory, people }));
    } finally {
      await slipway.close();
    }
  }
  return [times[0] ?? Number.NaN, times[1] ?? Number.NaN];
}

async function context1gRss(bench: Bench): Promise<Row> {
  const slipway = await Slipway.start(bench.images, bench.directory);
  const context = await serveLargeContext();
  try {
    const warm = await tenRuns(bench.directory, "warm");
    await slipway.do({ kind: "build", directory: warm, noCache: true });
    const megabytes = await slipway.do({ kind: "memory", url: context.url });
    return {
      row: "context-1g-rss",
      unit: "MB",
      ours: round(megabytes),
      peer: null,
      peerName: null,
      ratio: null,
    };
  } finally {
    context.close();
    await slipway.close();
  }
}

/** The best of several repetitions. */
async function repeat(times: number, measure: (word: string) => Promise<number>): Promise<number> {
  const values: number[] = [];
  for (let time = 0; time < times; time += 1) values.push(await measure(`n${time}`));
  return Math.min(...values);
}

async function eachPeer(peers: readonly Peer[], measure: (peer: Peer) => Promise<number>) {
  const times: { name: string; seconds: number }[] = [];
  for (const peer of peers) times.push({ name: peer.name, seconds: await measure(peer) });
  return times;
}

/** A row against the fastest of the peers. */
function compared(
  { note }: Bench,
  row: RowName,
  ours: number,
  peers: readonly { name: string; seconds: number }[],
): Row {
  const best = [...peers].sort((left, right) => left.seconds - right.seconds)[0];
  note(
    `${row}: ours ${round(ours)} s, ${peers.map(({ name, seconds }) => `${name} ${round(seconds)} s`).join(", ")}`,
  );
  return {
    row,
    unit: "s",
    ours: round(ours),
    peer: best ? round(best.seconds) : null,
    peerName: best?.name ?? null,
    ratio: best ? round(ours / best.seconds) : null,
  };
}

const round = (value: number): number => Number(value.toPrecision(3));
