import { defineConfig } from "vitest/config";

const kernel = "**/*.kernel.test.ts";
const database = "**/*.db.test.ts";
const exclude = ["**/node_modules/**", "**/dist/**", "**/.next/**", "e2e/**"];

/** Longest single test on the real kernel: it may build an image or start a runtime on a slow machine. */
const KERNEL_TEST_TIMEOUT_MS = 60_000;
const DATABASE_TEST_TIMEOUT_MS = 30_000;

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: "unit",
          include: ["**/*.test.ts", "**/*.test.tsx"],
          exclude: [...exclude, kernel, database],
        },
      },
      {
        test: {
          name: "kernel",
          include: [kernel],
          exclude,
          testTimeout: KERNEL_TEST_TIMEOUT_MS,
          hookTimeout: KERNEL_TEST_TIMEOUT_MS,
          globalSetup: "infra/checks/needs-root.ts",
          // Mounts, addresses and cgroups are the machine's: one file at a time keeps failures readable.
          fileParallelism: false,
        },
      },
      {
        test: {
          name: "db",
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
