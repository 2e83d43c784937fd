import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { build, launch, newPlayground, screen, stop, type } from "./journey.ts";

test.use({ locale: "en-US", viewport: { width: 1440, height: 900 } });

/** Where the Slipway under test writes down the pids of its processes. */
const run = path.join(process.env.SLIPWAY_E2E_DATA_DIR ?? "/var/lib/slipway", "run");

/** Numbers that the counter prints, and its pause; together far longer than a restart. */
const LAST = 200;
const PAUSE_S = 0.05;

function kill(name: "worker" | "web"): void {
  const { pid } = JSON.parse(readFileSync(path.join(run, `${name}.json`), "utf8")) as { pid: number };
  process.kill(pid, "SIGKILL");
}

/** What the counter has printed, read across the ends of rows: the longest list of numbers. */
async function counted(page: Page): Promise<number[]> {
  const rows = await page.locator(".xterm:visible .xterm-rows > div").allTextContents();
  const lists =
    rows
      .join("")
      .replace(/\s/g, "")
      .match(/(?:\d+,)+/g) ?? [];
  const longest = lists.sort((one, other) => other.length - one.length)[0] ?? "";
  return longest.split(",").slice(0, -1).map(Number);
}

for (const name of ["worker", "web"] as const) {
  test(`a session survives a killed ${name}: the same shell, with what it printed meanwhile`, async ({
    page,
  }) => {
    await newPlayground(page);
    await build(page);
    await launch(page);
    await type(page, "kept=$((40+2)); (sleep 2; echo meanwhile-$kept) &", /\$ |# /);
    kill(name);
    await expect(screen(page)).toContainText("meanwhile-42");
    await type(page, "echo still-$kept", /still-42/);
    await stop(page);
  });

  test(`a counter goes on over a killed ${name} without a gap and without a number twice`, async ({
    page,
  }) => {
    await newPlayground(page);
    await build(page);
    await launch(page);
    await type(page, "kept=$$; echo pid-$kept.", /pid-\d+\./);
    await page.locator(".xterm:visible").click();
    await page.keyboard.type(
      `clear; i=0; while [ $i -lt ${LAST} ]; do i=$((i+1)); printf '%s,' $i; sleep ${PAUSE_S}; done; [ $kept = $$ ] && echo the-same-$((1+1))-shell\n`,
    );
    await expect.poll(async () => (await counted(page)).length).toBeGreaterThan(10);
    kill(name);
    const killed = performance.now();
    const before = (await counted(page)).length;
    // A few more than may have been under way when it was killed.
    await expect
      .poll(async () => (await counted(page)).length, { intervals: [20], timeout: 30_000 })
      .toBeGreaterThan(before + 3);
    const ms = Math.round(performance.now() - killed);
    process.stdout.write(`attached again ${ms} ms after the kill of the ${name}\n`);
    test.info().annotations.push({ type: "attached again, ms", description: String(ms) });
    await expect(screen(page)).toContainText("the-same-2-shell");
    expect(await counted(page)).toEqual(Array.from({ length: LAST }, (_, index) => index + 1));
    await type(page, "echo again-$((40+2))", /again-42/);
    await stop(page);
  });
}
