import { defineConfig } from "@playwright/test";
import { chromiumOptions } from "./chromium.ts";

/** Without a URL of a test run, the journeys go to a Slipway that runs already. */
const baseURL = process.env.SLIPWAY_E2E_URL ?? "http://localhost:3000";

/** Journeys that end processes which all others use. */
const KILLING = "**/restart.spec.ts";

export default defineConfig({
  testDir: "./tests",
  outputDir: "../test-results/journeys",
  // A machine that is busy with something else is slow, and no journey fails for that.
  timeout: 420_000,
  expect: { timeout: 90_000 },
  // Two people at once, each with a browser of their own: most of a journey is waiting. What kills processes under everybody
  // goes last, and alone.
  workers: 2,
  projects: [
    { name: "together", testIgnore: KILLING },
    { name: "killing", testMatch: KILLING, dependencies: ["together"], workers: 1 },
  ],
  forbidOnly: true,
  reporter: [["list"], ["json", { outputFile: "../test-results/journeys.json" }]],
  use: {
    baseURL,
    // Without a film of each journey, which would cost a browser without a graphics card more than the journey does.
    trace: { mode: "retain-on-failure", screenshots: false },
    screenshot: "only-on-failure",
    launchOptions: chromiumOptions(),
  },
});
