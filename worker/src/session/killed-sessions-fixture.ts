import { setTimeout as sleep } from "node:timers/promises";
import { digestSchema, type SessionId, terminalIdSchema } from "@slipway/protocol";
import { type } from "./screen-fixture.ts";
import { TestMachine } from "./test-machine.ts";

/*
 * A worker that is killed while sessions come and go: see killed-sessions.kernel.test.ts. Says on stdout what it has done, and
 * of what it takes in hand what it may have done.
 */

const [directory = "", own = "", image = "", seed = ""] = process.argv.slice(2);
const MOST_SESSIONS = 5;
const LONGEST_DEED_MS = 5_000;

let value = Number(seed);
function random(): number {
  value = (value * 1_664_525 + 1_013_904_223) % 2 ** 32;
  return value / 2 ** 32;
}
function say(what: object): void {
  process.stdout.write(`${JSON.stringify(what)}\n`);
}

const machine = await TestMachine.at(directory, { own: Number(own) });
const sessions = await machine.sessions(2, MOST_SESSIONS + 1);
await sessions.recover();

let count = 0;
async function launch(): Promise<void> {
  count += 1;
  const name = (letter: string) => `${letter}${seed}n${count}`.padEnd(12, "0");
  const request = machine.request(digestSchema.parse(image), {
    sessionId: name("s") as SessionId,
    start: "shell",
    terminals: { main: terminalIdSchema.parse(name("m")), shell: terminalIdSchema.parse(name("h")) },
    expiresAt: Date.now() + 3_600_000,
  });
  await sessions.launch(request);
  const id = request.sessionId;
  const terminal = await sessions.awaitTerminal(id, request.terminals.main);
  if (terminal === null) return say({ lost: id });
  await type(terminal, `v=${id}; echo set-$((1+1))`, /set-2/);
  say({ set: id, main: request.terminals.main });
}

async function act(): Promise<void> {
  const running = sessions.reports().filter(({ state }) => state === "running");
  const report = running[Math.floor(random() * running.length)];
  const choice = random();
  if (report === undefined || (choice < 0.45 && running.length < MOST_SESSIONS)) return await launch();
  const id = report.sessionId;
  if (choice < 0.7) {
    say({ stopping: id });
    return await sessions.stop(id);
  }
  if (choice < 0.85) return await sessions.pause(id, !report.paused);
  if (choice < 0.93) {
    count += 1;
    return await sessions.openTerminal(id, terminalIdSchema.parse(`x${seed}n${count}`.padEnd(12, "0")), {
      rows: 24,
      cols: 80,
    });
  }
  (await sessions.exportChanges(id)).resume();
}

for (let deed = 0; ; deed += 1) {
  say({ begins: deed });
  const doing = act().catch((error: unknown) => say({ failed: String(error) }));
  // Some things happen at the same time; the others are waited for, however slow the machine is.
  await Promise.race([doing, sleep(random() < 0.5 ? 20 + random() * 100 : LONGEST_DEED_MS)]);
}
