import path from "node:path";
import { expect, type Page, test } from "@playwright/test";

/** Where screenshots for the documentation go. */
const pictures = path.resolve(import.meta.dirname, "../../infra/pictures");

test.use({ locale: "en-US", viewport: { width: 1360, height: 860 } });

async function newPlayground(page: Page): Promise<void> {
  await page.goto("/");
  await page.getByRole("button", { name: "New playground" }).first().click();
  await page.waitForURL(/\/p\/[a-z0-9]+$/);
}

/** Types into the selected terminal and waits until its screen shows `expected`. */
async function type(page: Page, line: string, expected: RegExp): Promise<void> {
  const terminal = page.getByRole("tabpanel").locator(".xterm:visible");
  await terminal.click();
  await page.keyboard.type(`${line}\n`);
  await expect(terminal.locator(".xterm-rows")).toContainText(expected);
}

test("a new user builds the introduction's image, works in its terminal, sees its port, and stops it", async ({
  page,
  context,
}) => {
  test.setTimeout(120_000);
  await newPlayground(page);
  const editor = page.getByRole("textbox", { name: "Text of Dockerfile" });
  await expect(editor).toContainText("FROM node");
  await expect(page.getByRole("button", { name: /app\.js/ }).first()).toBeVisible();

  await editor.click();
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText("ADD app.js /app.js").last()).toBeVisible();
  await expect(page.getByRole("button", { name: "Launch", exact: true })).toBeEnabled({ timeout: 60_000 });

  await page.getByRole("button", { name: "Launch", exact: true }).click();
  await type(page, "echo prompt-$((40+2))", /prompt-42/);
  await type(page, "ps aux | cat", /node .*app\.js/);
  await type(page, "ls /", /app\.js/);
  await type(page, "echo host=$(hostname).", /host=[a-z0-9]{12}\./);

  const port = page
    .getByRole("button", { name: /8080/ })
    .or(page.getByRole("link", { name: /8080/ }))
    .first();
  await expect(port).toBeVisible();
  const opened = context.waitForEvent("page");
  await port.click();
  const preview = await opened;
  await expect(preview.locator("body")).toContainText(/you've hit [a-z0-9]{12}/);
  expect(new URL(preview.url()).host).toMatch(/^8080-[a-z0-9]+\.localhost/);
  await preview.close();

  await page.screenshot({ path: path.join(pictures, "playground.png") });

  await page.reload();
  await expect(page.getByRole("textbox", { name: "Text of Dockerfile" })).toContainText("FROM node");
  await expect(page.getByText("ADD app.js /app.js").last()).toBeVisible();
  await expect(page.locator(".xterm:visible .xterm-rows")).toContainText(/host=[a-z0-9]{12}\./);
  await type(page, "echo again-$((20+1))", /again-21/);

  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(page.getByText(/You stopped the session/).first()).toBeVisible({ timeout: 20_000 });
});
