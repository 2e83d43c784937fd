import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import type { Viewer } from "../../terminal/terminal.ts";
import { HostileMachine } from "./hostile-fixture.ts";

const MIB = 1024 ** 2;
/** What a flooded terminal may cost the worker at most: scrollback, window and what waits for collection. */
const GROWTH_BYTES = 128 * MIB;

let hostile: HostileMachine;
beforeAll(async () => {
  hostile = await HostileMachine.make();
});
afterEach(() => hostile.calm());
afterAll(() => hostile.dispose());

const STALLED: Viewer = { output: () => {}, resized: () => {}, exited: () => {}, dropped: () => {} };

/** Memory of this process, which is the worker here, now and after some seconds. */
async function growth(ms: number): Promise<number> {
  const before = process.memoryUsage().rss;
  let most = before;
  for (const end = Date.now() + ms; Date.now() < end; ) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    most = Math.max(most, process.memoryUsage().rss);
  }
  return most - before;
}

test("a flood of output with a viewer that draws neither grows the worker nor slows the neighbour", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type("yes");
  await expect.poll(() => attacker.screen.received, { timeout: 20_000 }).toBeGreaterThan(4 * MIB);
  expect(await growth(2_000)).toBeLessThan(GROWTH_BYTES);
  await hostile.expectUnharmed(attacker);
});

test("a flood of output with a viewer that stands still stops, and goes on for the others", async () => {
  const attacker = await hostile.attacker();
  const { sessionId, terminals } = attacker.request;
  const attachment = await hostile.sessions.terminal(sessionId, terminals.main)?.attach(null, STALLED);
  attacker.screen.type("yes");
  expect(await growth(2_000)).toBeLessThan(GROWTH_BYTES);
  attachment?.detach();
  const received = attacker.screen.received;
  await expect.poll(() => attacker.screen.received, { timeout: 20_000 }).toBeGreaterThan(received + MIB);
  await hostile.expectUnharmed(attacker);
});

test("a flood of output in a terminal that nobody looks at is the session's own affair", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type("yes > /dev/null & yes");
  attacker.screen.leave();
  expect(await growth(2_000)).toBeLessThan(GROWTH_BYTES);
  await hostile.expectUnharmed(attacker);
});
