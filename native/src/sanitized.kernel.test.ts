import { execFile, execFileSync } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";
import { beforeAll, expect, test } from "vitest";

const HERE = path.resolve(import.meta.dirname, "..");
const SANITIZED = path.join(HERE, "build/Sanitized");
const BUILD_TIMEOUT_MS = 10 * 60_000;
const RUN_TIMEOUT_MS = 10 * 60_000;
const execute = promisify(execFile);

/** Node with the sanitizer in it: an addon alone can't bring it along. Leaks are those of Node, which never frees all. */
function environment(): NodeJS.ProcessEnv {
  const library = (name: string) =>
    execFileSync("g++", [`-print-file-name=${name}`], { encoding: "utf8" }).trim();
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    LD_PRELOAD: `${library("libasan.so")} ${library("libubsan.so")}`,
    ASAN_OPTIONS: "detect_leaks=0",
    UBSAN_OPTIONS: "print_stacktrace=1",
  };
}

/** Gives what a node program writes to stderr before it ends. */
async function complaint(script: string): Promise<string> {
  const run = execute(process.execPath, ["-e", script, path.join(SANITIZED, "overflow.node")], {
    env: environment(),
  });
  const failure = await run.then(
    () => null,
    (error: { stderr: string }) => error.stderr,
  );
  return failure ?? "it ended well";
}

beforeAll(async () => {
  await execute(process.execPath, [path.join(HERE, "build-sanitized.mjs")]);
}, BUILD_TIMEOUT_MS);

test("a byte too many and a number too large are seen", async () => {
  expect(await complaint("require(process.argv[1]).writeBeyond(16)")).toContain(
    "AddressSanitizer: heap-buffer-overflow",
  );
  expect(await complaint("require(process.argv[1]).addBeyond(1)")).toContain("signed integer overflow");
  expect(await complaint("require(process.argv[1]).addBeyond(0)")).toBe("it ended well");
});

test(
  "addon, launch and shim do their work under the sanitizers without a complaint",
  async () => {
    const vitest = path.join(
      path.dirname(createRequire(import.meta.url).resolve("vitest/package.json")),
      "vitest.mjs",
    );
    const config = path.join(HERE, "src/testdata/sanitized.vitest.config.ts");
    const run = execute(process.execPath, [vitest, "run", "--config", config], {
      env: { ...environment(), NODE_OPTIONS: "--conditions=sanitized" },
      maxBuffer: 64 * 1024 * 1024,
    });
    const { stdout, stderr } = await run.catch((failure: { stdout: string; stderr: string }) => failure);
    const said = `${stdout}${stderr}`;
    expect(said).not.toMatch(/AddressSanitizer|runtime error:/);
    expect(said).toMatch(/Test Files\s+.*6 passed/);
  },
  RUN_TIMEOUT_MS,
);
