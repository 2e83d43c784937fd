import { expect, test } from "vitest";
import { AddressPool, MAX_CONTAINERS } from "./address-pool.ts";

test("gives the default prefix 512 subnets", () => {
  const pool = new AddressPool("100.96.0.0/16");
  expect(pool.capacity).toBe(512);
  expect(pool.subnet(0)).toEqual({
    gateway: "100.96.0.1",
    session: "100.96.0.2",
    bridge: "100.96.0.65",
    containers: "100.96.0.64/26",
  });
  expect(pool.subnet(511).bridge).toBe("100.96.255.193");
});

test("gives no address twice", () => {
  const pool = new AddressPool("10.1.2.0/24");
  const all = [pool.service];
  for (let number = 0; number < pool.capacity; number++) {
    const { gateway, session, bridge } = pool.subnet(number);
    all.push(gateway, session, bridge);
    for (let slot = 0; slot < MAX_CONTAINERS; slot++) all.push(pool.container(number, slot));
  }
  expect(new Set(all).size).toBe(all.length);
  expect(all).not.toContain("10.1.2.127");
  expect(pool.container(0, MAX_CONTAINERS - 1)).toBe("10.1.2.126");
});

test("finds the number of an address again, and of no other", () => {
  const pool = new AddressPool("100.96.0.0/16");
  for (const number of [0, 1, 255, 511]) {
    expect(pool.numberOf(pool.subnet(number).session)).toBe(number);
    expect(pool.numberOf(pool.container(number, 60))).toBe(number);
  }
  for (const other of ["100.95.255.255", "100.97.0.0", "10.0.0.1", "", "100.96.0", "fd00::1"]) {
    expect(pool.numberOf(other)).toBeNull();
  }
});

test("takes any address inside for the prefix", () => {
  expect(new AddressPool("100.96.7.9/24").cidr).toBe("100.96.7.0/24");
  expect(new AddressPool("10.1.2.4/25").capacity).toBe(1);
});

test.each(["", "100.96.0.0", "100.96.0.0/26", "100.96.0.0/4", "300.1.1.1/16", "fd00::/64", "1.2.3/16"])(
  "refuses %j with a sentence",
  (cidr) => {
    expect(() => new AddressPool(cidr)).toThrow("is no pool of addresses");
  },
);
