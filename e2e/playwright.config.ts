import { defineConfig } from "@playwright/test";
import { chromiumOptions } from "./chromium.ts";

/** Without a URL of a test run, the journeys go to a Slipway that runs already. */
const baseURL = process.env.SLIPWAY_E2E_URL ?? "http://localhost:3000";

export default defineConfig({
  testDir: "./tests",
  outputDir: "../test-results/journeys",
  timeout: 240_000,
  expect: { timeout: 30_000 },
  // Journeys share one machine with two cores and one limit of sessions.
  workers: 1,
  forbidOnly: true,
  reporter: [["list"], ["json", { outputFile: "../test-results/journeys.json" }]],
  use: {
    baseURL,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: chromiumOptions(),
  },
});
