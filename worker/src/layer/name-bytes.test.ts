import { expect, it } from "vitest";
import { bytesOf, nameOf } from "./name-bytes.ts";

it("every name comes back byte by byte", () => {
  const names = ["plain", "안녕", "a\nb", "\u{1F600}", "", "caf\u00e9"].map((name) => Buffer.from(name));
  const broken = [[0xff], [0x61, 0xc3, 0x28], [0xed, 0xa0, 0x80], [0xf0, 0x9f, 0x98], [0x80, 0xbf, 0x61]];
  for (const bytes of [...names, ...broken.map((one) => Buffer.from(one))]) {
    expect(Buffer.from(bytesOf(nameOf(bytes)))).toEqual(bytes);
  }
});

it("names that differ in a byte that is no UTF-8 stay different", () => {
  expect(nameOf(Buffer.from([0xfe]))).not.toBe(nameOf(Buffer.from([0xff])));
});
