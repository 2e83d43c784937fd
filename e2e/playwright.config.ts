import { existsSync } from "node:fs";
import { defineConfig } from "@playwright/test";

/** Debian's Chromium: nothing is downloaded. */
const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(
  existsSync,
);
if (chromium === undefined)
  throw new Error("No Chromium was found; on Debian it is in the package chromium.");

/** Without a URL of a test run, the journeys go to a Slipway that runs already. */
const baseURL = process.env.SLIPWAY_E2E_URL ?? "http://localhost:3000";

export default defineConfig({
  testDir: "./tests",
  outputDir: "../test-results/journeys",
  timeout: 120_000,
  expect: { timeout: 15_000 },
  // Journeys share one machine with two cores and one limit of sessions.
  workers: 1,
  forbidOnly: true,
  reporter: [["list"], ["json", { outputFile: "../test-results/journeys.json" }]],
  use: {
    baseURL,
    trace: "retain-on-failure",
    screenshot: "only-on-failure",
    launchOptions: {
      executablePath: chromium,
      args: [
        // Root has no user namespace sandbox in Chromium; the pages are our own.
        "--no-sandbox",
        "--disable-quic",
        "--disable-background-networking",
        "--disable-component-update",
        "--disable-sync",
        "--use-angle=swiftshader",
        "--enable-unsafe-swiftshader",
      ],
    },
  },
});
