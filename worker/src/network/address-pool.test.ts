import { expect, test } from "vitest";
import { AddressPool } from "./address-pool.ts";

test("cuts a prefix into /30 subnets", () => {
  const pool = new AddressPool("100.96.0.0/16");
  expect(pool.capacity).toBe(16_384);
  expect(pool.pair(0)).toEqual({ host: "100.96.0.1", session: "100.96.0.2" });
  expect(pool.pair(64)).toEqual({ host: "100.96.1.1", session: "100.96.1.2" });
  expect(pool.pair(16_383)).toEqual({ host: "100.96.255.253", session: "100.96.255.254" });
});

test("finds the number of an address again, and of no other", () => {
  const pool = new AddressPool("100.96.0.0/16");
  for (const number of [0, 1, 255, 16_383]) expect(pool.numberOf(pool.pair(number).host)).toBe(number);
  for (const other of ["100.95.255.255", "100.97.0.0", "10.0.0.1", "", "100.96.0", "fd00::1"]) {
    expect(pool.numberOf(other)).toBeNull();
  }
});

test("takes any address inside for the prefix", () => {
  expect(new AddressPool("100.96.7.9/24").cidr).toBe("100.96.7.0/24");
  expect(new AddressPool("10.1.2.4/30").capacity).toBe(1);
});

test.each(["", "100.96.0.0", "100.96.0.0/31", "100.96.0.0/4", "300.1.1.1/16", "fd00::/64", "1.2.3/16"])(
  "refuses %j with a sentence",
  (cidr) => {
    expect(() => new AddressPool(cidr)).toThrow("is no pool of addresses");
  },
);
