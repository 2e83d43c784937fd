/*
 * npm run bench -- layers [--json] [--url http://localhost:3000]
 *
 * The layer view in a real browser, against a Slipway that runs: an image of 2 GB and 60,000 files, ten thousand of them in
 * one directory. Its build is not measured.
 */
import path from "node:path";
import { parseArgs } from "node:util";
import { chromium, type Page } from "@playwright/test";
import { chromiumOptions } from "../../e2e/chromium.ts";
import { print, row } from "./table.ts";

const BUILD_TIMEOUT_MS = 10 * 60_000;
const STEP_TIMEOUT_MS = 90_000;

const DOCKERFILE = `FROM busybox
RUN mkdir -p /big/many && cd /big/many && i=0 && while [ $i -lt 10000 ]; do echo $i > file-$i; i=$((i+1)); done
RUN d=0; while [ $d -lt 250 ]; do mkdir -p /big/d$d; cd /big/d$d; i=0; while [ $i -lt 200 ]; do echo $i > f$i; i=$((i+1)); done; d=$((d+1)); done
RUN dd if=/dev/zero of=/big/large bs=1M count=1 seek=2047
`;

/** What layers-probe.js puts into the page. */
interface Probe {
  until(selector: string, text: string): Promise<number>;
  scroll(selector: string, forMs: number): Promise<{ framesPerSecond: number; longestFrameMs: number }>;
}
declare const slipwayLayers: Probe;

const { values } = parseArgs({
  options: {
    json: { type: "boolean", default: false },
    url: { type: "string", default: "http://localhost:3000" },
  },
});

async function buildLargeImage(page: Page): Promise<void> {
  await page.goto(values.url);
  await page.getByRole("button", { name: "New playground" }).first().click();
  await page.waitForURL(/\/p\/[a-z0-9]+$/);
  await page.locator(".cm-content").click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(DOCKERFILE);
  await page.getByText("Saved", { exact: true }).first().waitFor();
  await page.getByRole("banner").getByRole("button", { name: "Build", exact: true }).click();
  const layers = page.getByRole("button", { name: "Layers", exact: true });
  await layers.waitFor({ timeout: BUILD_TIMEOUT_MS });
}

/** Milliseconds from a click on what a selector finds to a line of the tree with this text. */
async function clickToLine(
  page: Page,
  name: RegExp,
  role: "button" | "treeitem",
  text: string,
): Promise<number> {
  const target = page.getByRole(role, { name }).first();
  return await target.evaluate((element, wanted) => {
    (element as HTMLElement).click();
    return slipwayLayers.until("[role=treeitem]", wanted);
  }, text);
}

const browser = await chromium.launch(chromiumOptions());
try {
  const context = await browser.newContext({ locale: "en-US", viewport: { width: 1440, height: 900 } });
  await context.addInitScript({ path: path.join(import.meta.dirname, "layers-probe.js") });
  const page = await context.newPage();
  page.setDefaultTimeout(STEP_TIMEOUT_MS);
  await buildLargeImage(page);
  const firstPaint = await clickToLine(page, /^Layers$/, "button", "big/");
  const worked = await page.evaluate(() => slipwayLayers.until("[role=radio]", "added"));
  const openBig = await clickToLine(page, /big\//, "treeitem", "d0/");
  await page.getByRole("radio").nth(1).click();
  const openMany = await clickToLine(page, /many\//, "treeitem", "file-0");
  const { framesPerSecond, longestFrameMs } = await page.evaluate(() =>
    slipwayLayers.scroll("[role=tree]", 5_000),
  );
  const lines = await page.getByRole("treeitem").count();
  const { usedSize } = await (await context.newCDPSession(page)).send("Runtime.getHeapUsage");
  print(
    [
      row("layers-click-to-files", "ms", firstPaint),
      row("layers-worked-out-after", "ms", firstPaint + worked),
      row("open-directory-of-251", "ms", openBig),
      row("open-directory-of-10000", "ms", openMany),
      row("scroll-10000-frames", "fps", framesPerSecond),
      row("scroll-10000-longest-frame", "ms", longestFrameMs),
      row("lines-in-the-page", "lines", lines),
      row("page-heap", "MB", usedSize / 1e6),
    ],
    values.json,
  );
} finally {
  await browser.close();
}
