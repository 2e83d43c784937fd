import { expect, test } from "vitest";
import { parseLine, parsePostgresLine } from "./output.mjs";

test("a process says in JSON that it is ready, what it does, and why it can't go on", () => {
  expect(parseLine('{"level":30,"msg":"up","ready":true}', "stdout")).toMatchObject({
    ready: true,
    trouble: null,
  });
  expect(parseLine('{"level":30,"progress":"pulling node"}', "stdout").progress).toBe("pulling node");
  expect(parseLine('{"level":60,"refusal":"No crun."}', "stdout").refusal).toBe("No crun.");
});

test("warnings, errors and plain lines of stderr are trouble; information is not", () => {
  expect(parseLine('{"level":40,"msg":"slow"}', "stdout").trouble).toEqual({ level: "warn", text: "slow" });
  expect(parseLine('{"level":50,"msg":"broken"}', "stdout").trouble).toEqual({
    level: "error",
    text: "broken",
  });
  expect(parseLine("The settings are wrong.", "stderr").trouble?.text).toBe("The settings are wrong.");
  expect(parseLine('{"level":30,"msg":"fine"}', "stdout").trouble).toBeNull();
  expect(parseLine("{not json", "stdout").trouble).toBeNull();
});

test("of PostgreSQL's lines only those after which it does not go on are trouble", () => {
  const at = "2026-01-01 00:00:00.000 UTC [7]";
  expect(parsePostgresLine(`${at} FATAL:  could not open file`).trouble?.text).toBe("could not open file");
  expect(parsePostgresLine(`${at} FATAL:  the database system is starting up`).trouble).toBeNull();
  expect(parsePostgresLine(`${at} ERROR:  duplicate key value`).trouble).toBeNull();
  expect(parsePostgresLine(`${at} LOG:  checkpoint starting`).trouble).toBeNull();
});
