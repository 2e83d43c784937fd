import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { type SessionId, sessionIdSchema, type TerminalId, terminalIdSchema } from "@slipway/protocol";
import { build } from "esbuild";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { leaks } from "./leaks-fixture.ts";
import { type } from "./screen-fixture.ts";
import type { Sessions } from "./session.ts";
import { TestMachine } from "./test-machine.ts";

const KILLS = 20;
/** A worker is killed at the beginning of its first, second … thing that it does, or so much later. */
const MOST_DEEDS = 7;
const LONGEST_DELAY_MS = 80;
const SEED = 4_711;
const WORKER = fileURLToPath(new URL("./killed-sessions-fixture.ts", import.meta.url));

const saidSchema = z.looseObject({
  begins: z.number().optional(),
  set: sessionIdSchema.optional(),
  main: terminalIdSchema.optional(),
  stopping: sessionIdSchema.optional(),
});

let machine: TestMachine;
let bundles: string;
beforeAll(async () => {
  machine = await TestMachine.make();
  bundles = mkdtempSync(path.join(tmpdir(), "slipway-killed-sessions-"));
  // Where the addon is found.
  symlinkSync(
    fileURLToPath(new URL("../../../node_modules", import.meta.url)),
    path.join(bundles, "node_modules"),
  );
  await build({
    entryPoints: [WORKER],
    outfile: path.join(bundles, "worker.mjs"),
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
  const sessions = await machine.sessions();
  await sessions.recover();
  await sessions.endAll();
  await machine.dispose();
  rmSync(bundles, { recursive: true, force: true });
});

/** What a worker said before it was killed: shells that are to live on, by session, and sessions that may have ended. */
interface Said {
  readonly shells: Map<SessionId, TerminalId>;
  readonly stopping: Set<SessionId>;
}

async function killedWorker(image: string, kill: number, said: Said): Promise<void> {
  const seed = SEED + kill;
  const args = [
    path.join(bundles, "worker.mjs"),
    machine.directory,
    String(machine.own),
    image,
    String(seed),
  ];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "pipe", "inherit"] });
  const end = once(child, "close");
  let isTime = () => {};
  const time = new Promise<void>((resolve) => {
    isTime = resolve;
  });
  createInterface({ input: child.stdout }).on("line", (line) => {
    const { set, main, stopping, begins } = saidSchema.parse(JSON.parse(line));
    if (set && main) said.shells.set(set, main);
    if (stopping) said.stopping.add(stopping);
    if (begins === (kill * 5) % MOST_DEEDS) isTime();
  });
  await Promise.race([time, end.then(() => Promise.reject(new Error("the worker ended by itself")))]);
  await sleep(((kill * 7) % KILLS) * (LONGEST_DELAY_MS / KILLS));
  child.kill("SIGKILL");
  await end;
}

async function expectShells(sessions: Sessions, said: Said, kill: number): Promise<void> {
  for (const [id, main] of said.shells) {
    const report = sessions.reports().find(({ sessionId }) => sessionId === id);
    if (said.stopping.has(id) && report?.state !== "running") {
      said.shells.delete(id);
      continue;
    }
    expect(report, `session ${id} after kill ${kill}`).toMatchObject({ state: "running" });
    if (report?.paused) await sessions.pause(id, false);
    await type(sessions.terminal(id, main), `echo $v-$$-after-${kill}`, new RegExp(`${id}-1-after-${kill}`));
  }
}

test(`${KILLS} kills of a worker at random moments: what lives is adopted with its shell, and nothing else is left`, async () => {
  const image = await machine.image(["sh"]);
  const said: Said = { shells: new Map(), stopping: new Set() };
  let adopted = 0;
  for (let kill = 0; kill < KILLS; kill += 1) {
    await machine.letGo();
    await killedWorker(image, kill, said);
    machine = await TestMachine.at(machine.directory, { own: machine.own });
    const sessions = await machine.sessions(0, 16);
    const { swept } = await sessions.recover();
    await swept;
    await expectShells(sessions, said, kill);
    adopted += said.shells.size;
    expect(await leaks(machine), `after kill ${kill}`).toEqual([]);
    await sessions.release();
  }
  expect(adopted).toBeGreaterThan(KILLS / 2);
}, 300_000);
