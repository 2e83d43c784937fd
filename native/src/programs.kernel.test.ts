import { closeSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { expect, test } from "vitest";
import { openPipe, reapProgram, sealedCopy, spawnProgram } from "./index.ts";

/** Runs a shell script with a pipe as its descriptors 1 and 2, and gives what it wrote and its wait(2) status. */
async function shell(script: string): Promise<{ output: string; status: number }> {
  const input = openPipe();
  const output = openPipe();
  closeSync(input.writeEnd);
  const descriptors = [input.readEnd, output.writeEnd, output.writeEnd];
  const pid = await spawnProgram("/bin/sh", ["-c", script], descriptors);
  for (const descriptor of [input.readEnd, output.writeEnd]) closeSync(descriptor);
  const status = await reapProgram(pid);
  try {
    return { output: readFileSync(output.readEnd, "utf8"), status };
  } finally {
    closeSync(output.readEnd);
  }
}

test("a program has the descriptors that it is given and no others, and its status is that of wait(2)", async () => {
  const { output, status } = await shell("cat; echo /proc/self/fd/*; echo error >&2; exit 7");
  // 3 is the directory that the shell itself reads for the pattern.
  expect(output).toMatch(
    /^\/proc\/self\/fd\/0 \/proc\/self\/fd\/1 \/proc\/self\/fd\/2( \/proc\/self\/fd\/3)?\nerror\n$/,
  );
  expect(status >> 8).toBe(7);
});

test("signals are as a program expects them: none blocked, none ignored", async () => {
  const { output } = await shell("grep -E '^Sig(Blk|Ign):' /proc/self/status");
  const masks = [...output.matchAll(/[0-9a-f]{16}/g)].map(([mask]) => BigInt(`0x${mask}`));
  // Above are the real-time signals, of which the C library keeps two for itself.
  const named = (1n << 31n) - 1n;
  expect(masks.map((mask) => mask & named)).toEqual([0n, 0n]);
});

test("what can't be started is an error and leaves no child and no descriptor", async () => {
  const before = readdirSync("/proc/self/fd").length;
  await expect(spawnProgram("/no/such/program", [], [0, 1, 2])).rejects.toMatchObject({ code: "ENOENT" });
  expect(readdirSync("/proc/self/fd").length).toBe(before);
});

test("a sealed copy has the file's bytes and takes no others", async () => {
  const home = mkdtempSync(path.join(tmpdir(), "slipway-programs-"));
  const file = path.join(home, "program");
  writeFileSync(file, "the program");
  const copy = sealedCopy(file);
  try {
    expect(readFileSync(`/proc/self/fd/${copy}`, "utf8")).toBe("the program");
    expect(() => writeSync(copy, "x", 0)).toThrow("EPERM");
    expect(() => writeFileSync(`/proc/self/fd/${copy}`, "x")).toThrow();
  } finally {
    closeSync(copy);
    rmSync(home, { recursive: true });
  }
});
