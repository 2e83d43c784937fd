import { INPUT_CHUNK_BYTES, INPUT_OVERHEAD_BYTES, INPUT_WINDOW_BYTES } from "@slipway/protocol";
import { describe, expect, test } from "vitest";
import { clientKey, Inputs, OWN_QUEUE_BYTES, WAITING_CLIENTS } from "./inputs.ts";

const [anna, ben] = [clientKey("anna"), clientKey("ben")];

/** Client, input id and bytes of an encoded frame. */
const decode = (frame: Buffer) => ({
  client: frame.toString("hex", 5, 13),
  id: Number(frame.readBigUInt64BE(13)),
  text: frame.toString("utf8", 21),
});
const ids = (frames: Buffer[]) => frames.map((frame) => decode(frame).id);

describe("input of clients", () => {
  test("keeps the ids that they gave it, and goes out once", () => {
    const inputs = new Inputs();
    inputs.push(anna, 5, Buffer.from("a"));
    inputs.push(anna, 9, Buffer.from("b"));
    expect(inputs.takeFrames().map(decode)).toEqual([
      { client: anna, id: 5, text: "a" },
      { client: anna, id: 9, text: "b" },
    ]);
    expect(inputs.takeFrames()).toEqual([]);
  });

  test("that still waits or is on its way is not queued a second time", () => {
    const inputs = new Inputs();
    inputs.push(anna, 1, Buffer.from("run"));
    inputs.push(anna, 1, Buffer.from("run"));
    expect(ids(inputs.takeFrames())).toEqual([1]);
    expect(inputs.push(anna, 1, Buffer.from("run"))).toBe(true);
    expect(inputs.takeFrames()).toEqual([]);
  });

  test("goes to the shim again once taken, which alone remembers", () => {
    const inputs = new Inputs();
    inputs.push(anna, 1, Buffer.from("run"));
    inputs.takeFrames();
    inputs.taken(anna, 1);
    inputs.push(anna, 1, Buffer.from("run"));
    expect(ids(inputs.takeFrames())).toEqual([1]);
  });

  test("takes turns, so that nobody's paste keeps another's keys waiting", () => {
    const inputs = new Inputs();
    for (const id of [1, 2, 3]) inputs.push(anna, id, Buffer.alloc(40 * 1024));
    inputs.push(ben, 1, Buffer.from("key"));
    expect(inputs.takeFrames().map((frame) => decode(frame).client)).toEqual([anna, ben, anna, anna]);
  });

  test("is refused beyond the window of one client, and not because of another", () => {
    const inputs = new Inputs();
    const most = INPUT_WINDOW_BYTES - INPUT_OVERHEAD_BYTES;
    expect(inputs.push(anna, 1, Buffer.alloc(most))).toBe(true);
    expect(inputs.push(anna, 2, Buffer.from("x"))).toBe(false);
    expect(inputs.push(ben, 1, Buffer.from("x"))).toBe(true);
  });

  test("is refused from more clients than may wait", () => {
    const inputs = new Inputs();
    for (let number = 0; number < WAITING_CLIENTS; number++) {
      expect(inputs.push(clientKey(`${number}`), 1, Buffer.from("x"))).toBe(true);
    }
    expect(inputs.push(anna, 1, Buffer.from("x"))).toBe(false);
  });

  test("however small never overruns the number that the shim takes", () => {
    const inputs = new Inputs();
    for (let number = 0; number < 10; number++) {
      for (let id = 0; id < 2_000; id++) inputs.push(clientKey(`${number}`), id, Buffer.from("x"));
    }
    expect(inputs.takeFrames().length).toBeLessThan(8192);
  });
});

describe("a connection that broke", () => {
  test("has what it may have lost sent again, with the same ids", () => {
    const inputs = new Inputs();
    for (const id of [1, 2, 3]) inputs.push(anna, id, Buffer.from("x"));
    inputs.takeFrames();
    inputs.taken(anna, 1);
    inputs.resend();
    expect(ids(inputs.takeFrames())).toEqual([2, 3]);
  });
});

describe("input of the worker itself", () => {
  test("is cut into chunks and waits for the shim to take them", () => {
    const inputs = new Inputs();
    inputs.pushOwn(Buffer.alloc(3 * INPUT_CHUNK_BYTES, "x"));
    const [first] = inputs.takeFrames().map(decode);
    expect(first?.id).toBe(1);
    expect(inputs.takeFrames()).toEqual([]);
    inputs.taken(first?.client ?? "", 1);
    expect(ids(inputs.takeFrames())).toEqual([3]);
  });

  test("is dropped beyond its bound", () => {
    const inputs = new Inputs();
    expect(inputs.pushOwn(Buffer.alloc(OWN_QUEUE_BYTES))).toBe(true);
    expect(inputs.pushOwn(Buffer.from("x"))).toBe(false);
  });
});
