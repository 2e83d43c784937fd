import { describe, expect, test } from "vitest";
import {
  encodeAcknowledge,
  encodeAttach,
  encodeInput,
  encodeRelease,
  encodeResize,
  encodeSignal,
  ShimFrameDecoder,
} from "./shim-frames.ts";

function frame(type: number, payload: string): Buffer {
  const body = Buffer.from(payload.replaceAll(" ", ""), "hex");
  const whole = Buffer.alloc(5 + body.byteLength);
  whole.writeUInt32BE(1 + body.byteLength);
  whole.writeUInt8(type, 4);
  body.copy(whole, 5);
  return whole;
}

const header = frame(
  65,
  "0000000000000005 0000000100000000 0000000000000000 0018 0050 0000000000000009 0019 0051",
);
const output = frame(66, "0000000000000005 616200");
const exit = frame(67, "00000089");
const size = frame(68, "0000000000000009 0028 0078");
const taken = frame(69, "0102030405060708 0000000000000007");

const decoded = [
  {
    type: "header",
    start: 5,
    end: 2 ** 32,
    sizes: [
      { from: 0, size: { rows: 24, cols: 80 } },
      { from: 9, size: { rows: 25, cols: 81 } },
    ],
  },
  { type: "output", sequence: 5, data: Buffer.from("ab\0") },
  { type: "exit", exitCode: 137 },
  { type: "size", from: 9, size: { rows: 40, cols: 120 } },
  { type: "taken", client: "0102030405060708", id: 7 },
];

describe("what a shim says", () => {
  const stream = Buffer.concat([header, output, exit, size, taken]);

  test.each([1, 2, 3, 7, 64, stream.byteLength])("is the same in pieces of %i bytes", (pieceBytes) => {
    const decoder = new ShimFrameDecoder();
    const frames = [];
    for (let at = 0; at < stream.byteLength; at += pieceBytes) {
      frames.push(...decoder.push(stream.subarray(at, at + pieceBytes)));
    }
    expect(frames).toEqual(decoded);
  });

  test("is refused when a frame is longer than any that a shim sends", () => {
    expect(() => new ShimFrameDecoder().push(Buffer.from("00ffffff42", "hex"))).toThrow("16777215 bytes");
  });

  test("is refused when a frame is empty", () => {
    expect(() => new ShimFrameDecoder().push(Buffer.from("00000000", "hex"))).toThrow("0 bytes");
  });

  test("is refused when its type is unknown or its payload too short", () => {
    expect(() => new ShimFrameDecoder().push(frame(70, ""))).toThrow("unknown type 70");
    expect(() => new ShimFrameDecoder().push(frame(65, "0000"))).toThrow(RangeError);
  });
});

describe("what a client says", () => {
  test("is a length, a type and a payload of big-endian integers", () => {
    const client = Buffer.from("0102030405060708", "hex");
    expect(encodeAttach(2 ** 32, 1024, 512)).toEqual(frame(1, "0000000100000000 00000400 00000200"));
    expect(encodeInput(client, 9, Buffer.from("ls"))).toEqual(
      frame(2, "0102030405060708 0000000000000009 6c73"),
    );
    expect(encodeResize({ rows: 40, cols: 120 })).toEqual(frame(3, "0028 0078"));
    expect(encodeAcknowledge(258)).toEqual(frame(4, "0000000000000102"));
    expect(encodeRelease(258)).toEqual(frame(6, "0000000000000102"));
    expect(encodeSignal(9)).toEqual(frame(5, "00000009"));
  });
});
