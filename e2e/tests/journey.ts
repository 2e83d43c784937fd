import { expect, type Locator, type Page } from "@playwright/test";

/** Opens a playground of one's own, as a person without an account does. */
export async function newPlayground(page: Page, name: string | RegExp = "New playground"): Promise<void> {
  await page.goto("/");
  await page.getByRole("button", { name }).first().click();
  await page.waitForURL(/\/p\/[a-z0-9]+$/);
  await expect(editor(page)).toContainText("FROM node");
}

/** The text of the open file. */
export const editor = (page: Page): Locator => page.locator(".cm-content");

/** Replaces the text of the open file, and waits until it is saved. */
export async function write(page: Page, text: string, saved: string | RegExp = "Saved"): Promise<void> {
  await editor(page).click();
  await page.keyboard.press("Control+A");
  await page.keyboard.insertText(text);
  await expect(page.getByText(saved, { exact: true }).first()).toBeVisible();
}

/** The screen of the terminal that is in front. */
export const screen = (page: Page): Locator => page.locator(".xterm:visible .xterm-rows");

/** Longest wait of a click that another terminal may have come before. */
const CLICK_MS = 2_000;

/** Clicks into the terminal in front. The shell comes before the main process when it opens: then it is clicked again. */
export async function enterTerminal(page: Page): Promise<void> {
  await expect(() => page.locator(".xterm:visible").click({ timeout: CLICK_MS })).toPass({ timeout: 90_000 });
}

/** Types a line into the terminal in front, and waits until its screen shows `expected`. */
export async function type(page: Page, line: string, expected: RegExp): Promise<void> {
  await enterTerminal(page);
  await page.keyboard.type(`${line}\n`);
  await expect(screen(page)).toContainText(expected);
}

/** Builds and waits until a session can be launched. */
export async function build(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Build", exact: true }).click();
  await expect(page.getByRole("button", { name: "Launch", exact: true })).toBeEnabled();
}

export async function launch(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Launch", exact: true }).click();
  await expect(screen(page)).toContainText(/[#$] /);
}

export async function stop(page: Page): Promise<void> {
  await page.getByRole("button", { name: "Stop", exact: true }).click();
  await expect(page.getByText(/You stopped the session/).first()).toBeVisible();
}
