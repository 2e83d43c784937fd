import { parseArgs } from "node:util";
import { HostNetwork } from "./host-network.ts";

/**
 * Makes, changes and removes networks without end, in a process that a test kills at some moment. Options as JSON in the
 * first argument.
 */
const { positionals } = parseArgs({ allowPositionals: true });
const network = await HostNetwork.start(JSON.parse(positionals[0] ?? "{}"));
const none = { network: null, names: [], address: null, links: [] };
const own = {
  ...none,
  network: {
    id: "0123456789ab",
    subnet: "172.18.0.0/16",
    gateway: "172.18.0.1",
    range: null,
    internal: false,
  },
  names: ["db"],
};
process.stdout.write("started\n");
for (let round = 0; ; round++) {
  await Promise.all(
    [0, 1, 2].map(async (index) => {
      const name = `n${index}x${round % 3}`;
      await network.create(name, { egress: "internet", bytesPerSecond: 1_000_000, hostNames: ["main"] });
      await network.attach(name, { id: "a", names: ["web"] });
      for (const ends of [[none], [none, own], [own]]) {
        await network.attach(name, { id: "b", names: ["db"], ends });
      }
      await network.create(name, { egress: "none", bytesPerSecond: 2_000_000, hostNames: ["main"] });
      await network.detach(name, "a");
      await network.remove(name);
    }),
  );
}
