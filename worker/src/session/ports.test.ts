import { MAX_REPORTED_PORTS } from "@slipway/protocol";
import { expect, test } from "vitest";
import { exposedTcpPorts, merge } from "./ports.ts";

test("exposed and listening ports become one list by number", () => {
  expect(
    merge(
      [8080, 9000],
      [
        { port: 8080, loopbackOnly: false },
        { port: 22, loopbackOnly: true },
      ],
    ),
  ).toEqual([
    { port: 22, exposed: false, listening: true, loopbackOnly: true },
    { port: 8080, exposed: true, listening: true, loopbackOnly: false },
    { port: 9000, exposed: true, listening: false, loopbackOnly: false },
  ]);
});

test("a container that listens on thousands of ports gets a bounded list", () => {
  const many = Array.from({ length: 10_000 }, (_, index) => ({ port: index + 1, loopbackOnly: false }));
  expect(merge([], many)).toHaveLength(MAX_REPORTED_PORTS);
});

test("only TCP ports within range are taken from EXPOSE", () => {
  expect(exposedTcpPorts({ "80/tcp": {}, "53/udp": {}, "8080": {}, "70000/tcp": {}, x: {} })).toEqual([
    8080, 80,
  ]);
});
