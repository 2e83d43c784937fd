import { execFile } from "node:child_process";
import { lookup } from "node:dns/promises";
import { promisify } from "node:util";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import {
  connect,
  INTERNET,
  type NetworkFixture,
  openNetworkFixture,
  PACKAGES,
  resolveInside,
} from "./network-fixture.ts";
import { packageSources } from "./package-sources.ts";

const HTTPS = 443;
const HTTP = 80;

let fixture: NetworkFixture;
let hosts: string[];

beforeAll(async () => {
  hosts = await packageSources();
  fixture = await openNetworkFixture("s", { packageHosts: hosts });
});

afterEach(() => fixture.clear());

afterAll(() => fixture.close());

const worksHere = (address: string, port: number): Promise<boolean> =>
  promisify(execFile)("timeout", ["5", "bash", "-c", `exec 3<>/dev/tcp/${address}/${port}`]).then(
    () => true,
    () => false,
  );

/** A package source of this machine that resolves and that the machine itself reaches. */
async function reachable(): Promise<{ host: string; port: number } | null> {
  for (const host of hosts) {
    const found = await lookup(host, { family: 4 }).catch(() => null);
    if (found === null) continue;
    for (const port of [HTTPS, HTTP]) {
      if (await worksHere(found.address, port)) return { host, port };
    }
  }
  return null;
}

for (const policy of [INTERNET, PACKAGES]) {
  test(`with ${policy.egress} a session resolves and reaches this machine's own package source`, async (context) => {
    const source = await reachable();
    if (source === null) return context.skip("this machine has no package source that it reaches");
    const session = await fixture.network.create(fixture.nextName(), policy);
    const addresses = await resolveInside(session, source.host);
    const [address] = Array.isArray(addresses) ? addresses : [];
    expect(address).toEqual(expect.any(String));
    expect(await connect(session, address, source.port)).toBe("connected");
  });
}

test("with packages-only nothing else of the internet is reached", async () => {
  const session = await fixture.network.create(fixture.nextName(), PACKAGES);
  expect(await resolveInside(session, "elsewhere.example")).toBe("ENOTFOUND");
  expect(await connect(session, "198.51.100.77", HTTPS)).toBe("refused");
});
