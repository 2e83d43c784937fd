/*
 * npm run bench -- trpc [--json] [--plans]
 *
 * What pages ask of the control plane, 50 times a second, of a whole Slipway that the bench starts for itself, with 10,000
 * playgrounds and 100,000 builds in its PostgreSQL. A question begins when its time has come, whether those before it are
 * answered or not. `--plans` prints how PostgreSQL carries the statements out.
 */
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { Client } from "pg";
import { databaseUrl } from "../bootstrap/database.mjs";
import { note, noteMachine, runBench, untilInterrupted } from "./run.ts";
import { Person } from "./sessions/person.ts";
import { RunningSlipway } from "./sessions/slipway.ts";
import { percentile, print, type Row, row } from "./table.ts";
import { plansOf } from "./trpc/plans.ts";
import { buildsOf, empty, fill, playgroundsOf } from "./trpc/seed.ts";

/** That of the sessions' bench: it has the base images. */
const DIRECTORY = "/var/tmp/slipway-sessions-bench";
const DOCKERFILE = "FROM busybox\nRUN echo one\nRUN echo two\n";
const PEOPLE = 20;
const PER_SECOND = 50;
const SECONDS = 60;
const WARM_UP_SECONDS = 5;

const { values } = parseArgs({
  options: { json: { type: "boolean", default: false }, plans: { type: "boolean", default: false } },
});

/** A person, and what is theirs. */
interface Asker {
  readonly person: Person;
  readonly playgrounds: readonly string[];
}

/** The queries of pages, by the names of their rows: of "My playgrounds", of a playground, and of its builds. */
const QUESTIONS: Readonly<Record<string, (asker: Asker, turn: number) => Promise<unknown>>> = {
  "account.me": ({ person }) => person.query("account.me", {}),
  "playground.list": ({ person }) => person.query("playground.list", {}),
  "playground.list-search": ({ person }, turn) => person.query("playground.list", { search: `d ${turn}` }),
  "playground.get": (asker, turn) => asker.person.query("playground.get", { id: one(asker, turn) }),
  "playground.versions": (asker, turn) => asker.person.query("playground.versions", { id: one(asker, turn) }),
  "build.list": (asker, turn) =>
    asker.person.query("build.list", { playgroundId: one(asker, turn), before: null }),
  "build.get": (asker, turn) =>
    asker.person.query("build.get", { buildId: buildsOf(one(asker, turn))[turn % 10] }),
  "build.outline": (asker, turn) =>
    asker.person.query("build.outline", { buildId: buildsOf(one(asker, turn))[turn % 10] }),
  "savedImage.list": (asker, turn) =>
    asker.person.query("savedImage.list", { playgroundId: one(asker, turn) }),
};

const one = ({ playgrounds }: Asker, turn: number): string => playgrounds[turn % playgrounds.length] ?? "";

/** Milliseconds to the answers, by question. */
async function ask(askers: readonly Asker[], seconds: number): Promise<Map<string, number[]>> {
  const names = Object.keys(QUESTIONS);
  const samples = new Map(names.map((name) => [name, [] as number[]]));
  const begun = performance.now();
  const answers: Promise<void>[] = [];
  for (let turn = 0; turn < seconds * PER_SECOND; turn += 1) {
    const due = begun + (turn * 1000) / PER_SECOND;
    await sleep(Math.max(0, due - performance.now()));
    const name = names[turn % names.length] ?? "";
    const asker = askers[turn % askers.length] as Asker;
    const answer = QUESTIONS[name]?.(asker, turn).then(() => {
      samples.get(name)?.push(performance.now() - due);
    });
    if (!answer) continue;
    // One that fails is waited for below, with all others.
    answer.catch(() => undefined);
    answers.push(answer);
  }
  await Promise.all(answers);
  return samples;
}

async function measure(slipway: RunningSlipway, database: Client): Promise<Row[]> {
  const first = await Person.enter(slipway.url, DOCKERFILE);
  const people = [first];
  while (people.length < PEOPLE) people.push(await Person.guest(slipway.url));
  const owners = await Promise.all(people.map((person) => person.id()));
  note("filling the database");
  await fill(database, { playgroundId: first.playground, owners });
  const askers = people.map((person, owner) => ({ person, playgrounds: playgroundsOf(owner) }));
  await ask(askers, WARM_UP_SECONDS);
  note(`asking ${PER_SECOND} times a second for ${SECONDS} s`);
  const samples = await ask(askers, SECONDS);
  if (values.plans) {
    const [asker] = askers;
    const log = path.join(DIRECTORY, "logs/postgres.log");
    const found = await plansOf(database, log, async () => {
      for (const question of Object.values(QUESTIONS)) if (asker) await question(asker, 7);
    });
    for (const plan of found) note(`\n${plan}`);
  }
  const all = [...samples.values()].flat();
  return [
    row("trpc-p50", "ms", percentile(all, 0.5)),
    row("trpc-p99", "ms", percentile(all, 0.99)),
    ...[...samples].map(([name, times]) => row(`${name}-p99`, "ms", percentile(times, 0.99))),
  ];
}

async function main(): Promise<void> {
  const slipway = await RunningSlipway.start(DIRECTORY, note);
  const database = new Client({ connectionString: databaseUrl(path.join(DIRECTORY, "postgres")) });
  try {
    await database.connect();
    await empty(database);
    print(await untilInterrupted(measure(slipway, database)), values.json);
    noteMachine();
  } finally {
    await empty(database).catch(() => undefined);
    await database.end();
    await slipway.stop();
  }
}

await runBench({ names: [], unknown: [] }, null, main);
