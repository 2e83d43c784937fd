/*
 * npm run bench -- page [--json] [--url http://localhost:3000]
 *
 * What a person feels in a real browser, against a Slipway that runs: first-load JavaScript, launch click to prompt,
 * keystroke to drawn echo. A build of the introduction's image is made first and not measured.
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";
import { chromium, type Page } from "@playwright/test";
import { chromiumOptions } from "../../e2e/chromium.ts";
import { percentile, print, row } from "./table.ts";

const LAUNCHES = 5;
const KEYS = 60;
const KEY_PAUSE_MS = 50;
const STEP_TIMEOUT_MS = 60_000;
/** Of some hundred bytes each: 10 MB. */
const LOG_LINES = 105_000;
const SCROLL_FRAMES = 300;
/** As fast as a wheel goes: thirty screens a second. */
const SCROLL_PIXELS = 170;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    url: { type: "string", default: "http://localhost:3000" },
  },
});

/** Gzipped size of the scripts that a page's HTML asks for; what is loaded later by import() is not among them. */
async function firstLoadKilobytes(page: Page, address: string): Promise<number> {
  const html = await (await page.request.get(address)).text();
  // Scripts with nomodule are for browsers that nobody has any more; the others don't fetch them.
  const tags = [...html.matchAll(/<script[^>]+>/g)]
    .map(([tag]) => tag)
    .filter((tag) => !/\snomodule/i.test(tag));
  const sources = new Set(tags.flatMap((tag) => /\ssrc="([^"]+\.js[^"]*)"/.exec(tag)?.[1] ?? []));
  let bytes = 0;
  for (const source of sources) {
    const body = await (await page.request.get(new URL(source, address).href)).body();
    bytes += gzipSync(body, { level: 9 }).byteLength;
  }
  return bytes / 1024;
}

/** What page-probe.js puts into the page. */
interface Probe {
  launchToPrompt(button: Element): Promise<number>;
  watchKeys(): number[];
  scrollFrames(element: Element, frames: number, pixels: number): Promise<number[]>;
  samples: number[];
}
declare const slipwayProbe: Probe;

/** Milliseconds from a click on Launch to the first prompt on the terminal's screen. */
async function launchToPrompt(page: Page): Promise<number> {
  const button = page.getByRole("button", { name: /^Launch( again)?$/ });
  return await button.evaluate((element) => slipwayProbe.launchToPrompt(element));
}

/** Milliseconds from a key to the changed screen, for each of KEYS keys. */
async function keyToEcho(page: Page): Promise<number[]> {
  await page.locator(".xterm:visible").click();
  await page.evaluate(() => Object.assign(slipwayProbe, { samples: slipwayProbe.watchKeys() }));
  for (let key = 0; key < KEYS; key += 1) {
    await page.keyboard.press("x");
    await page.waitForTimeout(KEY_PAUSE_MS);
  }
  return await page.evaluate(() => slipwayProbe.samples);
}

/** Milliseconds from frame to frame while the output of a step of LOG_LINES lines is scrolled from its beginning. */
async function scrollLog(page: Page): Promise<number[]> {
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(
    // Named after now, so that it does not come from the cache without output.
    `FROM busybox\nRUN seq ${LOG_LINES} | sed "s/$/ ${"of a long log ".repeat(6)}/" # ${Date.now()}\n`,
  );
  await page.getByText("Saved", { exact: true }).first().waitFor();
  await page.getByRole("button", { name: "Build", exact: true }).click();
  await page
    .getByText(/^Built in/)
    .first()
    .waitFor();
  await page.getByRole("button", { name: "Output of step 2" }).click();
  const log = page.getByRole("log", { name: "Output of step 2" });
  await log.waitFor();
  return await log.evaluate(
    (element, [frames, pixels]) => slipwayProbe.scrollFrames(element, frames, pixels),
    [SCROLL_FRAMES, SCROLL_PIXELS] as const,
  );
}

const browser = await chromium.launch(chromiumOptions());
try {
  const context = await browser.newContext({ locale: "en-US", viewport: { width: 1360, height: 860 } });
  await context.addInitScript({ path: path.join(import.meta.dirname, "page-probe.js") });
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  await page.goto(values.url);
  await page.getByRole("button", { name: "New playground" }).first().click();
  await page.waitForURL(/\/p\/[a-z0-9]+$/);
  const landing = await firstLoadKilobytes(page, values.url);
  const playground = await firstLoadKilobytes(page, page.url());

  await page.getByRole("button", { name: "Build", exact: true }).click();
  await page.getByRole("button", { name: "Launch", exact: true }).and(page.locator(":enabled")).waitFor();
  const launches: number[] = [];
  let echoes: number[] = [];
  for (let launch = 0; launch < LAUNCHES; launch += 1) {
    launches.push(await launchToPrompt(page));
    if (launch === 0) echoes = await keyToEcho(page);
    await page.getByRole("button", { name: "Stop", exact: true }).click();
    await page
      .getByText(/You stopped the session/)
      .first()
      .waitFor();
  }
  const frames = await scrollLog(page);
  print(
    [
      row("landing-first-load-js", "KB gzip", landing),
      row("playground-first-load-js", "KB gzip", playground),
      row("launch-click-to-prompt-p50", "ms", percentile(launches, 0.5)),
      row("key-to-drawn-echo-p50", "ms", percentile(echoes, 0.5)),
      row("key-to-drawn-echo-p99", "ms", percentile(echoes, 0.99)),
      row("log-10-mb-scroll", "frames/s", (1000 * frames.length) / frames.reduce((sum, ms) => sum + ms, 0)),
      row("log-10-mb-scroll-p95", "ms per frame", percentile(frames, 0.95)),
    ],
    values.json,
  );
} finally {
  await browser.close();
}
