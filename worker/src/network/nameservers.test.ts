import { expect, test } from "vitest";
import { hostNameservers, parseNameservers } from "./nameservers.ts";

const files = (content: Record<string, string>) => async (file: string) => {
  const text = content[file];
  if (text === undefined) throw new Error("ENOENT");
  return text;
};

test("takes IPv4 nameservers, at most three, and no loopback ones", () => {
  const text = `# comment
nameserver 10.255.255.53
 nameserver\t9.9.9.9 # trailing
nameserver 127.0.0.53
nameserver fe80::1
nameserver 999.1.1.1
search example.org
nameserver 1.1.1.1
nameserver 1.0.0.1`;
  expect(parseNameservers(text)).toEqual(["10.255.255.53", "9.9.9.9", "1.1.1.1"]);
});

test("looks behind the stub of systemd-resolved", async () => {
  const read = files({
    "/etc/resolv.conf": "nameserver 127.0.0.53\n",
    "/run/systemd/resolve/resolv.conf": "nameserver 192.0.2.53\n",
  });
  expect(await hostNameservers(read)).toEqual(["192.0.2.53"]);
});

test("falls back to public ones where the host has none that a session could reach", async () => {
  expect(await hostNameservers(files({ "/etc/resolv.conf": "nameserver 127.0.0.1\n" }))).toHaveLength(2);
  expect(await hostNameservers(files({}))).toHaveLength(2);
});
