import { INPUT_CHUNK_BYTES } from "@slipway/protocol";
import { expect, test } from "vitest";
import { INPUT_QUEUE_BYTES, InputQueue } from "./input-queue.ts";

/** Input id and bytes of an encoded frame. */
const decode = (frame: Buffer) => ({
  id: Number(frame.readBigUInt64BE(13)),
  text: frame.toString("utf8", 21),
});

test("gives each input once, in order, with rising ids", () => {
  const queue = new InputQueue();
  queue.push(Buffer.from("a"));
  queue.push(Buffer.from("b"));
  expect(queue.takeFrames().map(decode)).toEqual([
    { id: 1, text: "a" },
    { id: 2, text: "b" },
  ]);
  expect(queue.takeFrames()).toEqual([]);
});

test("cuts long input into chunks and waits for the shim to take them", () => {
  const queue = new InputQueue();
  queue.push(Buffer.alloc(3 * INPUT_CHUNK_BYTES, "x"));
  expect(queue.takeFrames().map((frame) => decode(frame).id)).toEqual([1, 2]);
  expect(queue.takeFrames()).toEqual([]);
  queue.taken(1);
  expect(queue.takeFrames().map((frame) => decode(frame).id)).toEqual([3]);
});

test("sends again what a broken connection may have lost, with the same ids", () => {
  const queue = new InputQueue();
  for (const text of ["a", "b", "c"]) queue.push(Buffer.from(text));
  queue.takeFrames();
  queue.taken(1);
  queue.resend();
  expect(queue.takeFrames().map(decode)).toEqual([
    { id: 2, text: "b" },
    { id: 3, text: "c" },
  ]);
});

test("drops input beyond its bound", () => {
  const queue = new InputQueue();
  expect(queue.push(Buffer.alloc(INPUT_QUEUE_BYTES))).toBe(true);
  expect(queue.push(Buffer.from("x"))).toBe(false);
});
