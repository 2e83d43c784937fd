import { BUILD_LOG_EVENT_CHARACTERS, type BuildEvent, FAILURE_LAST_LINES } from "@slipway/protocol";
import { expect, it } from "vitest";
import { BUILD_LOG_BYTES } from "./builder.ts";
import { LogBudget, logWriter, StepLog } from "./log.ts";

function recorded(budget = new LogBudget()) {
  const events: (BuildEvent & { type: "log" })[] = [];
  const log = new StepLog();
  log.follow(logWriter(3, (event) => event.type === "log" && events.push(event), budget));
  return { log, events, text: () => events.map((event) => event.text).join("") };
}

it("a character that is cut between chunks stays whole, per stream", () => {
  const { log, text, events } = recorded();
  const bytes = Buffer.from("한글");
  log.bytes("stdout", bytes.subarray(0, 2));
  log.bytes("stderr", Buffer.from("!"));
  log.bytes("stdout", bytes.subarray(2));
  log.end();
  expect(text()).toBe("!한글");
  expect(events.map(({ number }) => number)).toEqual([0, 1]);
});

it("crumbs become one event, which does not wait for the end", async () => {
  const { log, events, text } = recorded();
  for (const crumb of ["npm", " ", "notice"]) log.bytes("stderr", Buffer.from(crumb));
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect([text(), events.length]).toEqual(["npm notice", 1]);
});

it("bytes that are no UTF-8 become replacement characters, also at the end", () => {
  const { log, text } = recorded();
  log.bytes("stdout", Buffer.from([0xff, 0x41, 0xed, 0x95]));
  log.end();
  expect(text()).toBe("\uFFFDA\uFFFD");
});

it("long output becomes several events, and no surrogate pair is torn", () => {
  const { log, events, text } = recorded();
  const long = `a${"😀".repeat(BUILD_LOG_EVENT_CHARACTERS)}`;
  log.bytes("stdout", Buffer.from(long));
  log.end();
  expect(text()).toBe(long);
  for (const event of events) {
    expect(event.text.length).toBeLessThanOrEqual(BUILD_LOG_EVENT_CHARACTERS);
    expect(event.text).not.toMatch(/[\ud800-\udbff]$|^[\udc00-\udfff]/);
  }
});

it("output above the bound is left out with one notice, for all steps together", () => {
  const budget = new LogBudget();
  const first = recorded(budget);
  const second = recorded(budget);
  first.log.bytes("stdout", Buffer.alloc(BUILD_LOG_BYTES, "x"));
  for (const text of ["y", "z"]) second.log.bytes("stdout", Buffer.from(text));
  second.log.end();
  second.log.end();
  expect(first.text()).toHaveLength(BUILD_LOG_BYTES);
  expect(second.events).toHaveLength(1);
  expect(second.text()).toContain("output cut");
});

it("one run keeps no more than the bound", () => {
  const { log, text } = recorded();
  for (let part = 0; part < 9; part += 1) log.bytes("stdout", Buffer.alloc(BUILD_LOG_BYTES / 8, "x"));
  log.end();
  expect(text().length).toBeLessThan(BUILD_LOG_BYTES + 200);
});

it("who comes late has the log from its beginning, and what comes later once", () => {
  const log = new StepLog();
  log.bytes("stdout", Buffer.alloc(BUILD_LOG_EVENT_CHARACTERS, "a"));
  let late = "";
  const leave = log.follow(({ text }) => {
    late += text;
  });
  log.bytes("stdout", Buffer.alloc(BUILD_LOG_EVENT_CHARACTERS, "b"));
  leave();
  log.bytes("stdout", Buffer.from("c"));
  log.end();
  expect(late).toBe("a".repeat(BUILD_LOG_EVENT_CHARACTERS) + "b".repeat(BUILD_LOG_EVENT_CHARACTERS));
});

it("the last lines are those that a terminal shows", () => {
  const log = new StepLog();
  for (let line = 0; line < 100; line += 1) log.line(`line ${line}`);
  log.bytes("stdout", Buffer.from("10 %\r50 %\r100 %\r\nwindows\r\nend\n\n"));
  log.end();
  const lines = log.lastLines();
  expect(lines).toHaveLength(FAILURE_LAST_LINES);
  expect(lines.slice(-4)).toEqual(["line 99", "100 %", "windows", "end"]);
});

it("a line without end is cut in the last lines", () => {
  const log = new StepLog();
  log.bytes("stderr", Buffer.alloc(1_000_000, "x"));
  log.end();
  expect(log.lastLines().map(({ length }) => length)).toEqual([4096]);
});
