import { expect, test } from "vitest";
import { OutputLog } from "./output-log.ts";

const text = (log: OutputLog) => Buffer.from(log.read(log.start, log.end - log.start)).toString();

test("keeps all bytes up to its capacity, and then the last ones", () => {
  const log = new OutputLog(8);
  log.append(Buffer.from("abcde"));
  expect([log.start, log.end, text(log)]).toEqual([0, 5, "abcde"]);
  log.append(Buffer.from("fghij"));
  expect([log.start, log.end, text(log)]).toEqual([2, 10, "cdefghij"]);
});

test("takes more at once than it keeps", () => {
  const log = new OutputLog(4);
  log.append(Buffer.from("ab"));
  log.append(Buffer.from("cdefghijk"));
  expect([log.start, log.end, text(log)]).toEqual([7, 11, "hijk"]);
});

test("is exact for any sequence of pieces, across growth and wrapping", () => {
  const capacity = 20_000;
  const log = new OutputLog(capacity);
  let written = Buffer.alloc(0);
  for (let piece = 0; piece < 200; piece++) {
    const data = Buffer.alloc((piece * 37) % 997, piece);
    log.append(data);
    written = Buffer.concat([written, data]);
    const kept = written.subarray(Math.max(0, written.byteLength - capacity));
    expect(log.end).toBe(written.byteLength);
    expect(Buffer.from(log.read(log.start, capacity)).equals(kept)).toBe(true);
    const middle = log.start + Math.floor((log.end - log.start) / 2);
    expect(Buffer.from(log.read(middle, 100)).equals(written.subarray(middle, middle + 100))).toBe(true);
  }
});

test("starts anywhere and skips what was lost", () => {
  const log = new OutputLog(8, 1000);
  log.append(Buffer.from("ab"));
  expect([log.start, log.end, text(log)]).toEqual([1000, 1002, "ab"]);
  log.skipTo(5000);
  log.append(Buffer.from("c"));
  expect([log.start, log.end, text(log)]).toEqual([5000, 5001, "c"]);
});

test("refuses to read what it does not keep", () => {
  const log = new OutputLog(4, 10);
  expect(() => log.read(9, 1)).toThrow(RangeError);
  expect(() => log.read(11, 1)).toThrow(RangeError);
  expect(log.read(10, 5).byteLength).toBe(0);
});
