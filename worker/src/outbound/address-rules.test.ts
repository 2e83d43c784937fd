import { networkInterfaces } from "node:os";
import { describe, expect, test } from "vitest";
import { AddressRules, isAddressRange } from "./address-rules.ts";

describe("addresses that a stranger may lead the worker to", () => {
  const rules = new AddressRules([], ["44.0.0.0/8"]);

  test.each([
    "0.0.0.0",
    "10.1.2.3",
    "100.64.0.1",
    "127.0.0.1",
    "127.255.0.1",
    "169.254.169.254",
    "172.31.255.255",
    "192.168.1.1",
    "198.18.0.1",
    "224.0.0.1",
    "255.255.255.255",
    "44.1.1.1",
    "::",
    "::1",
    "::ffff:127.0.0.1",
    "::ffff:7f00:1",
    "::ffff:a9fe:a9fe",
    "::127.0.0.1",
    "64:ff9b::7f00:1",
    "2002:7f00:1::",
    "2001::1",
    "2001:db8::1",
    "fc00::1",
    "fd12::1",
    "fe80::1",
    "fe80::1%lo",
    "ff02::1",
    "127.1",
    "localhost",
    "",
  ])("never %s", (address) => {
    expect(rules.permits(address)).toBe(false);
  });

  test.each(["1.1.1.1", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:1.1.1.1"])(
    "%s",
    (address) => {
      expect(rules.permits(address)).toBe(true);
    },
  );

  test("never one of this machine's own", () => {
    for (const own of Object.values(networkInterfaces()).flatMap((list) => list ?? [])) {
      expect(rules.permits(own.address)).toBe(false);
    }
  });

  test("but those that the operator opens, however they are written", () => {
    const opened = new AddressRules(["10.0.0.0/24", "127.0.0.1", "fd00::/64"], []);
    for (const address of ["10.0.0.7", "127.0.0.1", "::ffff:10.0.0.7", "fd00::5"]) {
      expect(opened.permits(address)).toBe(true);
    }
    for (const address of ["10.0.1.7", "127.0.0.2", "fd00:0:0:1::5"])
      expect(opened.permits(address)).toBe(false);
  });

  test("a setting is an address or a prefix", () => {
    for (const good of ["10.0.0.1", "10.0.0.0/8", "fd00::/8", "::1"]) expect(isAddressRange(good)).toBe(true);
    for (const bad of ["", "10.0.0", "10.0.0.0/33", "fd00::/129", "10.0.0.0/8/8", "10.0.0.0/", "a/8"]) {
      expect(isAddressRange(bad)).toBe(false);
    }
  });
});
