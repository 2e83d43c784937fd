import { execFileSync } from "node:child_process";
import { readdirSync } from "node:fs";
import { afterAll, beforeAll, expect, test } from "vitest";
import { HostNetwork } from "./host-network.ts";
import { INTERNET, type NetworkFixture, openNetworkFixture, resolveInside } from "./network-fixture.ts";

let fixture: NetworkFixture;

beforeAll(async () => {
  fixture = await openNetworkFixture("p");
});
afterAll(() => fixture.close());

const tables = (): string[] => execFileSync("nft", ["list", "tables"]).toString().split("\n");

/** Another Slipway of this machine that would have the same addresses. */
const another = () => {
  const { names, pool } = fixture.options;
  const [first, second] = pool.split(".");
  return {
    ...fixture.options,
    pool: `${first}.${second}.0.0/16`,
    names: {
      table: `${names.table}b`,
      namespacePrefix: `b${names.namespacePrefix}`,
      interfacePrefix: "swpb-",
    },
  };
};

test("addresses that another Slipway has, or had before it was killed, are refused, and its sessions go on", async () => {
  const { network, nextName, options } = fixture;
  const session = await network.create(nextName(), { ...INTERNET, hostNames: ["main"] });
  await expect(HostNetwork.start(another())).rejects.toMatchObject({
    code: "network-failed",
    message: expect.stringContaining(`nft delete table inet ${options.names.table}`),
  });
  const { table } = another().names;
  expect([...tables(), ...readdirSync("/run")].filter((name) => name.includes(table))).toEqual([]);
  expect(await resolveInside(session, "main")).toEqual([session.address]);
});

test("who comes back under its own name has its addresses", async () => {
  (await HostNetwork.start(fixture.options)).close();
});
