import path from "node:path";
import { expect, test } from "@playwright/test";
import { editor, newPlayground, screen, stop, type } from "./journey.ts";

/** Screenshots for the documentation; `npm run pictures` takes them over. */
const pictures = path.resolve(import.meta.dirname, "../../test-results/pictures");

test.use({ locale: "en-US", viewport: { width: 1440, height: 900 } });

test("a new user builds the introduction's image, works in its terminal, sees its port, and stops it", async ({
  page,
  context,
}) => {
  await newPlayground(page);
  await expect(page.getByRole("button", { name: /app\.js/ }).first()).toBeVisible();

  await editor(page).click();
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText("ADD app.js /app.js").last()).toBeVisible();
  await expect(page.getByRole("button", { name: "Launch", exact: true })).toBeEnabled();

  await page.getByRole("button", { name: "Launch", exact: true }).click();
  await type(page, "echo prompt-$((40+2))", /prompt-42/);
  await type(page, "ps aux | cat", /node .*app\.js/);
  await type(page, "ls /", /app\.js/);
  await type(page, "echo host=$(hostname).", /host=[a-z0-9]{12}\./);

  const opened = context.waitForEvent("page");
  await page.getByRole("button", { name: "Open port 8080 in a new tab" }).click();
  const preview = await opened;
  await expect(preview.locator("body")).toContainText(/you've hit [a-z0-9]{12}/);
  expect(new URL(preview.url()).host).toMatch(/^8080-[a-z0-9]+\.localhost/);
  await preview.close();
  await page.screenshot({ path: path.join(pictures, "playground.png") });

  await page.reload();
  await expect(editor(page)).toContainText("FROM node");
  await expect(page.getByText("ADD app.js /app.js").last()).toBeVisible();
  await expect(screen(page)).toContainText(/host=[a-z0-9]{12}\./);
  await type(page, "echo again-$((20+1))", /again-21/);

  await stop(page);
});

test("a preview is private: without its owner's ticket nobody gets the container's answer", async ({
  page,
  browser,
}) => {
  await newPlayground(page);
  await page.getByRole("button", { name: "Build", exact: true }).click();
  await page.getByRole("button", { name: "Launch", exact: true }).click();
  await expect(screen(page)).toContainText(/[#$] /);
  const opened = page.context().waitForEvent("page");
  await page.getByRole("button", { name: "Open port 8080 in a new tab" }).click();
  const preview = await opened;
  await expect(preview.locator("body")).toContainText(/you've hit/);
  const stranger = await browser.newContext();
  const answer = await (await stranger.newPage()).goto(new URL("/", preview.url()).href);
  expect(answer?.status()).toBe(401);
  await stranger.close();
  await preview.close();
  await stop(page);
});
