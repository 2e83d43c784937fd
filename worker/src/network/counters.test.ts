import { expect, test } from "vitest";
import { parseDevices } from "./counters.ts";

test("reads what passed by device, a session's sent as what the worker's end received", () => {
  const text = `Inter-|   Receive                                                |  Transmit
 face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
    lo: 1000       10    0    0    0     0          0         0     1000      10    0    0    0     0       0          0
sw-0a1b2c3d4e5f:12345678901      12    0    0    0     0          0         0      777       7    0    0    0     0       0          0
nonsense
`;
  const devices = parseDevices(text);
  expect(devices.size).toBe(2);
  expect(devices.get("sw-0a1b2c3d4e5f")).toEqual({
    sent: { bytes: 12_345_678_901, packets: 12 },
    received: { bytes: 777, packets: 7 },
  });
});
