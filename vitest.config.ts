import { cpus } from "node:os";
import { defineConfig } from "vitest/config";

const kernel = "**/*.kernel.test.ts";
/** Suites that run for minutes and wait for peers and clients of others most of the time: they go on beside the other kernel tests. */
const conformance = [
  "**/builder/conformance/*.kernel.test.ts",
  "**/engine-api/clients.kernel.test.ts",
  "**/engine-api/introductions.kernel.test.ts",
  "**/runtime/oci-runtime.kernel.test.ts",
];
const database = "**/*.db.test.ts";
const exclude = ["**/node_modules/**", "**/dist/**", "**/.next/**", "e2e/**"];

/** Longest single test on the real kernel: it may build images or start runtimes dozens of times on a slow machine. */
const KERNEL_TEST_TIMEOUT_MS = 180_000;
const DATABASE_TEST_TIMEOUT_MS = 60_000;

/**
 * Files share a process, and the modules that it has loaded: those cost more than the tests. Kernel tests have one each, as the
 * kernel knows what they make by their process.
 */
const isolate = false;

function kernelProject(name: string, files: { include: string[]; exclude: string[] }) {
  return {
    test: {
      ...files,
      name,
      env: { KERNEL_TEST_PROJECT: name },
      testTimeout: KERNEL_TEST_TIMEOUT_MS,
      hookTimeout: KERNEL_TEST_TIMEOUT_MS,
      globalSetup: "infra/checks/needs-root.ts",
      // What tests have of the machine is told apart (test-lane-fixture.ts), so that two lanes are possible: on more than two
      // cores, where those that fill a machine leave something for the others.
      maxWorkers: cpus().length > 2 ? 2 : 1,
    },
  };
}

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: "unit",
          isolate,
          include: ["**/*.test.ts", "**/*.test.tsx"],
          exclude: [...exclude, kernel, database],
        },
      },
      kernelProject("kernel", { include: [kernel], exclude: [...exclude, ...conformance] }),
      kernelProject("conformance", { include: conformance, exclude }),
      {
        test: {
          name: "db",
          isolate,
          include: [database],
          exclude,
          testTimeout: DATABASE_TEST_TIMEOUT_MS,
          hookTimeout: DATABASE_TEST_TIMEOUT_MS,
          globalSetup: "infra/checks/test-database.ts",
        },
      },
    ],
  },
});
