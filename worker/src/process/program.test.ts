import { expect, test } from "vitest";
import { ProgramError, runProgram } from "./program.ts";

test("returns what a program printed and takes its input", async () => {
  const result = await runProgram(["sh", "-c", "cat; echo err >&2"], { input: "in" });
  expect(result).toEqual({ stdout: "in", stderr: "err\n" });
});

test("a failing program rejects with its exit code and its words", async () => {
  const failure = await runProgram(["sh", "-c", "echo broken >&2; exit 3"]).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(ProgramError);
  expect(failure).toMatchObject({ exitCode: 3, missing: false, message: "sh exited with 3: broken" });
});

test("a missing program is told apart from a failing one", async () => {
  await expect(runProgram(["slipway-no-such-program"])).rejects.toMatchObject({
    missing: true,
    exitCode: null,
  });
});

test("a program that takes too long is killed", async () => {
  const started = performance.now();
  await expect(runProgram(["sleep", "30"], { timeoutMs: 50 })).rejects.toMatchObject({ exitCode: null });
  expect(performance.now() - started).toBeLessThan(5000);
});

test("aborting kills the program", async () => {
  await expect(runProgram(["sleep", "30"], { signal: AbortSignal.abort() })).rejects.toThrow("stopped");
});

test("endless output is bounded", async () => {
  const { stdout } = await runProgram(["sh", "-c", "head -c 3000000 /dev/zero"]);
  expect(stdout.length).toBe(1024 * 1024);
});
