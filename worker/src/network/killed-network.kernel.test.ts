import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HostNetwork } from "./host-network.ts";
import { DEFAULT_END } from "./network.ts";
import {
  connect,
  type NetworkFixture,
  NONE,
  openNetworkFixture,
  resolveInside,
  runInside,
} from "./network-fixture.ts";
import { OWN_END } from "./own-network-fixture.ts";

const KILLS = 10;
const LONGEST_LIFE_MS = 400;
const SEED = 20_260_301;
const WORKER = fileURLToPath(new URL("./killed-network-fixture.ts", import.meta.url));

let fixture: NetworkFixture;
let directory: string;
let worker: string;

beforeAll(async () => {
  fixture = await openNetworkFixture("k");
  fixture.network.close();
  directory = mkdtempSync(path.join(import.meta.dirname, "../../", "slipway-killed-network-"));
  worker = path.join(directory, "worker.mjs");
  await build({
    entryPoints: [WORKER],
    outfile: worker,
    bundle: true,
    platform: "node",
    format: "esm",
    banner: {
      js: 'import { createRequire as requireOf } from "node:module"; const require = requireOf(import.meta.url);',
    },
    logLevel: "error",
  });
});

afterAll(async () => {
  await fixture.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Numbers from 0 to 1 that are the same in every run (a linear congruential generator). */
function* seeded(seed: number): Generator<number, never> {
  for (let value = seed; ; ) {
    value = (value * 1_664_525 + 1_013_904_223) % 2 ** 32;
    yield value / 2 ** 32;
  }
}

/** Links, namespaces, routes and files of this test's networks. */
function found(): string[] {
  const { names } = fixture.options;
  const links = execFileSync("ip", ["-o", "link"]).toString().split("\n");
  const routes = execFileSync("ip", ["route"]).toString().split("\n");
  return [
    ...[...links, ...routes].filter((line) => line.includes(names.interfacePrefix)),
    ...readdirSync("/run/netns").filter((name) => name.startsWith(names.namespacePrefix)),
    ...readdirSync(`/run/${names.table}-networks`),
  ];
}

test(`${KILLS} kills of a worker at random moments: what is whole lives on, and all that stays is found and removed`, async () => {
  const random = seeded(SEED);
  let leftSomething = 0;
  for (let kill = 0; kill < KILLS; kill++) {
    const child = spawn(process.execPath, [worker, JSON.stringify(fixture.options)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    await once(child.stdout, "data");
    await sleep(random.next().value * LONGEST_LIFE_MS);
    child.kill("SIGKILL");
    await once(child, "exit");

    const next = await HostNetwork.start(fixture.options);
    try {
      if (found().length > 0) leftSomething += 1;
      const names = await next.list();
      const [first] = names;
      if (first !== undefined) {
        // Adopted or made anew: whole either way.
        const session = await next.create(first, { ...NONE, hostNames: ["main"] });
        expect(await resolveInside(session, "main")).toEqual([session.address]);
        const container = await next.attach(first, { id: "b", names: ["db"], ends: [DEFAULT_END, OWN_END] });
        const ends = container.ends.map(({ address }) => address);
        expect(new Set((await resolveInside(session, "db")) as string[])).toEqual(new Set(ends));
        const interfaces = await runInside(container, ["ip", "-o", "-4", "addr", "show", "up"]);
        expect(interfaces.split("\n")).toHaveLength(1 + ends.length);
        for (const end of ends) {
          expect(interfaces).toContain(` ${end}/`);
          // Nobody listens there, which only it can say: there is no wall on the way.
          expect(await connect(session, end, 9)).toBe("refused");
        }
        expect(await runInside(container, ["ip", "route", "show", "default"])).toMatch(/^default via \S+/);
      }
      for (const name of names) await next.remove(name);
      expect(await next.list()).toEqual([]);
      expect(found()).toEqual([]);
    } finally {
      next.close();
    }
  }
  expect(leftSomething).toBeGreaterThan(0);
}, 120_000);
