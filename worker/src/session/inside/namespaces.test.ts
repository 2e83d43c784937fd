import { expect, test } from "vitest";
import { capabilityNames } from "./capability-names.ts";
import { insideId, parseIdMap, whose } from "./namespaces.ts";

test("a namespace is the container's own, the session's or the worker's", () => {
  const worker = new Map([
    ["pid", 1],
    ["time", 9],
  ] as const);
  const main = new Map([
    ["pid", 2],
    ["net", 5],
    ["time", 9],
  ] as const);
  const other = new Map([
    ["pid", 3],
    ["net", 5],
  ] as const);
  expect(whose(main, [other], worker)).toEqual([
    { kind: "pid", id: 2, of: "own" },
    { kind: "net", id: 5, of: "session" },
    { kind: "time", id: 9, of: "worker" },
  ]);
});

test("ids are mapped as the kernel does", () => {
  const map = parseIdMap("         0 1000000000      65536\n     70000 2000000000 10\n");
  expect(insideId(map, 1_000_000_000)).toBe(0);
  expect(insideId(map, 1_000_065_535)).toBe(65_535);
  expect(insideId(map, 1_000_065_536)).toBeNull();
  expect(insideId(map, 2_000_000_003)).toBe(70_003);
  expect(parseIdMap("")).toEqual([]);
});

test("Docker's default set has the names that people know", () => {
  const names = capabilityNames(0xa80425fbn);
  expect(names).toHaveLength(14);
  expect(names).toContain("CAP_NET_BIND_SERVICE");
  expect(names).not.toContain("CAP_SYS_ADMIN");
  expect(capabilityNames(1n << 60n)).toEqual(["CAP_60"]);
});
