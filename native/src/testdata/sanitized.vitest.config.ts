import path from "node:path";
import { defineConfig } from "vitest/config";

/** Tests that drive native code, for a run with the sanitized binaries: see sanitized.kernel.test.ts. */
export default defineConfig({
  test: {
    root: path.resolve(import.meta.dirname, "../../.."),
    include: [
      "native/src/{directories,entries,overlay,programs}.kernel.test.ts",
      "worker/src/runtime/compiled-seccomp.kernel.test.ts",
      "worker/src/terminal/shim-terminals.kernel.test.ts",
    ],
    // One that only waits.
    testNamePattern: /^(?!.*stands still for too long)/,
    setupFiles: [path.join(import.meta.dirname, "without-preload.ts")],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
    pool: "forks",
  },
});
