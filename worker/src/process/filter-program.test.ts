import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { FilterFailure, filtered } from "./filter-program.ts";

async function text(source: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test("bytes go through a program that has neither rights nor environment", async () => {
  const script = 'cat; printf " %s" "$(id -u)" "$HOME"';
  const out = await text(filtered(["sh", "-c", script], Readable.from([Buffer.from("in")])));
  expect(out).toBe(`in ${process.getuid?.() === 0 ? 65_534 : process.getuid?.()} `);
});

test.each([
  ["fails", ["sh", "-c", "cat >/dev/null; echo why >&2; exit 3"], /ended with 3: why/],
  ["does not exist", ["slipway-no-such-program"], /EACCES|ENOENT/],
] as const)("a program that %s says so", async (_, command, message) => {
  const running = text(filtered(command, Readable.from([Buffer.from("in")])));
  await expect(running).rejects.toThrowError(FilterFailure);
  await expect(text(filtered(command, Readable.from([Buffer.from("in")])))).rejects.toThrowError(message);
});

test("a source that breaks is the reason that counts", async () => {
  const source = new Readable({ read() {} });
  source.push("a");
  setTimeout(() => source.destroy(new Error("the disk")), 20);
  await expect(text(filtered(["cat"], source))).rejects.toThrowError("the disk");
});

test("a reader that stops ends the program", async () => {
  const source = new Readable({
    read() {
      this.push(Buffer.alloc(65_536));
    },
  });
  for await (const _ of filtered(["cat"], source)) break;
  expect(source.destroyed).toBe(true);
});
