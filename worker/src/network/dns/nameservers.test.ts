import { expect, test } from "vitest";
import { hostNameservers, parseNameservers } from "./nameservers.ts";

const addresses = (text: string) => parseNameservers(text).map(({ address }) => address);

test("takes nameservers of both families, loopback ones too, and at most three", () => {
  const text = `# comment
nameserver 10.255.255.53
 nameserver\t127.0.0.53 # trailing
nameserver 999.1.1.1
search example.org
nameserver fd00::53
nameserver 192.0.2.1`;
  expect(addresses(text)).toEqual(["10.255.255.53", "127.0.0.53", "fd00::53"]);
});

test("asks this machine where the file names none or is not there", async () => {
  expect(addresses("search example.org")).toEqual(["127.0.0.1"]);
  const servers = await hostNameservers(() => Promise.reject(new Error("ENOENT")))();
  expect(servers).toEqual([{ address: "127.0.0.1", port: 53 }]);
});

test("reads the file once for many questions", async () => {
  let reads = 0;
  const current = hostNameservers(async () => {
    reads += 1;
    return "nameserver 192.0.2.1";
  });
  await Promise.all([current(), current(), current()]);
  expect(reads).toBe(1);
});
