import { readFile } from "node:fs/promises";
import { connect } from "node:net";
import { text } from "node:stream/consumers";
import { afterEach, describe, expect, test } from "vitest";
import { ownNumber } from "../process/test-lane-fixture.ts";
import { Consoles } from "./conformance-consoles.ts";
import { execute, type RuntimeHarness } from "./conformance-harness.ts";

/** A third of the addresses that are for documentation (RFC 5737), one for each process of tests. */
const HOST_ADDRESS = `198.51.100.${ownNumber(60) * 4 + 1}`;
const CONTAINER_ADDRESS = `198.51.100.${ownNumber(60) * 4 + 2}`;

/** A network namespace with a veth to this machine. */
async function withNetwork(use: (namespacePath: string) => Promise<void>): Promise<void> {
  const namespace = `slipway-test-${process.pid}`;
  const outside = `swt${process.pid}`;
  await execute("ip", ["netns", "add", namespace]);
  try {
    await execute("ip", [
      "link",
      "add",
      outside,
      "type",
      "veth",
      "peer",
      "name",
      "veth7",
      "netns",
      namespace,
    ]);
    await execute("ip", ["addr", "add", `${HOST_ADDRESS}/30`, "dev", outside]);
    await execute("ip", ["link", "set", outside, "up"]);
    await execute("ip", ["-n", namespace, "addr", "add", `${CONTAINER_ADDRESS}/30`, "dev", "veth7"]);
    for (const name of ["veth7", "lo"]) await execute("ip", ["-n", namespace, "link", "set", name, "up"]);
    await use(`/run/netns/${namespace}`);
  } finally {
    await execute("ip", ["netns", "del", namespace]);
  }
}

/** What a container's network is, and what of it can be reached. */
export function networkConformance(harness: RuntimeHarness): void {
  const consoles = new Consoles(harness);
  afterEach(() => consoles.close());

  describe("network", () => {
    test("a network of its own has loopback up and nothing else", async () => {
      const script = "ls /sys/class/net; ip addr show lo | grep -c 127.0.0.1; ip route | wc -l";
      expect((await harness.shell(script)).stdout.trim().split(/\s+/)).toEqual([
        "lo",
        "1",
        String(harness.traits.loopbackRoutes),
      ]);
    });

    test("in a given network namespace it sees that one's devices only", async () => {
      await withNetwork(async (networkNamespace) => {
        const script = "ls /sys/class/net; touch /sys/x || echo refused";
        const { stdout } = await harness.shell(script, { networkNamespace });
        expect(stdout.trim().split(/\s+/)).toEqual(["lo", "veth7", "refused"]);
      });
    });

    test("a listening socket is seen from outside, takes connections and talks back", async () => {
      await withNetwork(async (networkNamespace) => {
        // Waits for what it is told, so that a read that has to block is seen to do so.
        const script = "echo 'read line; echo heard $line' > /serve; nc -l -p 9999 -e sh /serve; sleep 100";
        const made = await consoles.run(["sh", "-c", script], { networkNamespace });
        // nc listens on all addresses, IPv6 included. State 0A is LISTEN, and 270F is 9999 (proc_pid_net(5)).
        const table = async () => await readFile(`/proc/${await made.pid()}/net/tcp6`, "latin1");
        await expect.poll(table, { timeout: 10_000 }).toMatch(/:270F [0-9A-F:]+ 0A /);
        const socket = connect(9999, CONTAINER_ADDRESS);
        setTimeout(() => socket.write("you\n"), 300);
        expect(await text(socket)).toBe("heard you\n");
        await made.remove();
      });
      await harness.expectNothingLeft();
    });
  });
}
