import { limitEventSchema, MAX_LIMIT_EVENTS, sessionLimitNameSchema } from "@slipway/protocol";
import { expect, test } from "vitest";
import { EVENTS_PER_LIMIT, LimitBook, type Reached, SAME_EVENT_MS } from "./limit-book.ts";

const NOW = 1_700_000_000_000;
const reached = (limit: Reached["limit"], name: string | null = null): Reached => ({
  limit,
  metric: { name: "memory.usage", value: 1, unit: "bytes" },
  allowed: 1,
  process: name === null ? null : { name, pid: null, memoryBytes: 1, killed: true },
  times: 1,
});

test("the same limit again within a while is one event that counts", () => {
  const book = new LimitBook([]);
  expect(book.note(reached("pids"), NOW)).toBe(true);
  expect(book.note({ ...reached("pids"), times: 3 }, NOW + 5_000)).toBe(false);
  expect(book.events).toMatchObject([{ id: 0, firstAt: NOW, lastAt: NOW + 5_000, count: 4 }]);
  expect(book.note(reached("pids"), NOW + 5_000 + SAME_EVENT_MS)).toBe(true);
  expect(book.events.map(({ id, count }) => [id, count])).toEqual([
    [0, 4],
    [1, 1],
  ]);
});

test("kills of processes with different names are different events", () => {
  const book = new LimitBook([]);
  for (const name of ["node", "python3", "node"]) book.note(reached("memory", name), NOW);
  expect(book.events.map(({ process, count }) => [process?.name, count])).toEqual([
    ["node", 2],
    ["python3", 1],
  ]);
});

test("processes of ever new names neither flood a session nor push other limits out", () => {
  const book = new LimitBook([]);
  book.note(reached("disk"), NOW);
  for (let index = 0; index < 1000; index += 1) book.note(reached("memory", `bomb${index}`), NOW + index);
  expect(book.events.filter(({ limit }) => limit === "memory")).toHaveLength(EVENTS_PER_LIMIT);
  expect(book.events.filter(({ limit }) => limit === "disk")).toHaveLength(1);
  expect(book.count("memory")).toBe(1000);
});

test("events are never more than a report holds, the newest are kept and ids rise", () => {
  const book = new LimitBook([]);
  for (let hour = 0; hour < 50; hour += 1)
    for (const limit of sessionLimitNameSchema.options) book.note(reached(limit), NOW + hour * 3_600_000);
  const ids = book.events.map(({ id }) => id);
  expect(ids).toHaveLength(MAX_LIMIT_EVENTS);
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
  expect(ids.at(-1)).toBe(50 * sessionLimitNameSchema.options.length - 1);
  for (const event of book.events) limitEventSchema.parse(event);
});

test("a book goes on from the events of before a restart", () => {
  const first = new LimitBook([]);
  first.note(reached("disk"), NOW);
  first.note(reached("memory", "node"), NOW);
  const second = new LimitBook(first.events);
  expect(second.note(reached("memory", "node"), NOW + 1)).toBe(false);
  second.note(reached("cpu"), NOW + 2);
  expect(second.events.map(({ id }) => id)).toEqual([0, 1, 2]);
});
