import { connect } from "node:net";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { HostileMachine } from "./hostile-fixture.ts";

const networkBytesPerSecond = 1_000_000;

let hostile: HostileMachine;
beforeAll(async () => {
  hostile = await HostileMachine.make();
});
afterEach(() => hostile.calm());
afterAll(() => hostile.dispose());

test("a session that takes in more than its rate is held to it and told, and the neighbour is not", async () => {
  const attacker = await hostile.attacker({ networkBytesPerSecond });
  attacker.screen.type("nc -l -p 9000 > /dev/null");
  const address = hostile.sessions.address(attacker.request.sessionId);
  if (address === null) throw new Error("the session has no address");
  await expect.poll(() => hostile.report(attacker).ports.some(({ listening }) => listening)).toBe(true);
  const socket = connect(9000, address);
  const block = Buffer.alloc(64 * 1024);
  const more = () => {
    while (socket.write(block));
  };
  socket
    .on("connect", more)
    .on("drain", more)
    .on("error", () => {});
  try {
    const event = await hostile.event(attacker, "network-rate");
    expect(event).toMatchObject({
      metric: { name: "network.rate", unit: "bytes-per-second" },
      allowed: networkBytesPerSecond,
      process: null,
    });
    expect(event.metric.value).toBeLessThan(networkBytesPerSecond * 1.5);
  } finally {
    socket.destroy();
  }
  await hostile.expectUnharmed(attacker);
});
