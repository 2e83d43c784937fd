import { parseArgs } from "node:util";
import { HostNetwork } from "./host-network.ts";
import { DEFAULT_END } from "./network.ts";
import { OWN_END } from "./own-network-fixture.ts";

/**
 * Makes, changes and removes networks without end, in a process that a test kills at some moment. Options as JSON in the
 * first argument.
 */
const { positionals } = parseArgs({ allowPositionals: true });
const network = await HostNetwork.start(JSON.parse(positionals[0] ?? "{}"));
process.stdout.write("started\n");
for (let round = 0; ; round++) {
  await Promise.all(
    [0, 1, 2].map(async (index) => {
      const name = `n${index}x${round % 3}`;
      await network.create(name, { egress: "internet", bytesPerSecond: 1_000_000, hostNames: ["main"] });
      await network.attach(name, { id: "a", names: ["web"] });
      for (const ends of [[DEFAULT_END], [DEFAULT_END, OWN_END], [OWN_END]]) {
        await network.attach(name, { id: "b", names: ["db"], ends });
      }
      await network.create(name, { egress: "none", bytesPerSecond: 2_000_000, hostNames: ["main"] });
      await network.detach(name, "a");
      await network.remove(name);
    }),
  );
}
