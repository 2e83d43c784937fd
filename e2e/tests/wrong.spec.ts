import { expect, test } from "@playwright/test";
import { editor, newPlayground, screen, write } from "./journey.ts";

test.use({ locale: "en-US", viewport: { width: 1440, height: 900 } });

const build = { name: "Build", exact: true };

test("a misspelt instruction is marked in the editor and named by the build, with its line", async ({
  page,
}) => {
  await newPlayground(page);
  await write(page, "FROM busybox\nRUNN echo hello\n");
  await expect(editor(page).locator(".cm-lintRange-error, [class*=error]").first()).toBeVisible();
  await page.getByRole("button", build).click();
  await expect(page.getByText(/The Dockerfile can’t be read as it stands/).first()).toBeVisible();
  await expect(page.getByText(/line 2/i).first()).toBeVisible();
});

test("a failing RUN shows its output, its exit code and its line, and nothing is launched", async ({
  page,
}) => {
  await newPlayground(page);
  await write(page, "FROM busybox\nRUN echo about-to-fail && exit 7\n");
  await page.getByRole("button", build).click();
  await expect(page.getByText("about-to-fail", { exact: true }).last()).toBeVisible();
  await expect(page.getByText(/exit code 7/).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Launch", exact: true })).toBeDisabled();
});

test("a base image that is nowhere to be had is named in one sentence", async ({ page }) => {
  await newPlayground(page);
  await write(page, "FROM no-such-image:1\nRUN true\n");
  await page.getByRole("button", build).click();
  await expect(page.getByText(/The base image no-such-image:1 could not be found/).first()).toBeVisible();
  await expect(page.getByRole("button", { name: "Launch", exact: true })).toBeDisabled();
});

test("a container whose command comes to an end says so, with its exit code and its last words", async ({
  page,
}) => {
  await newPlayground(page);
  await write(page, 'FROM busybox\nCMD ["sh", "-c", "echo last words; exit 3"]\n');
  await page.getByRole("button", build).click();
  await page.getByRole("button", { name: "Launch", exact: true }).click();
  await expect(page.getByText(/came to its end/).first()).toBeVisible();
  await expect(page.getByText(/exit code 3/).first()).toBeVisible();
  await expect(screen(page)).toContainText("last words");
});

test("a playground that is not one's own does not exist", async ({ page, browser }) => {
  await newPlayground(page);
  const stranger = await browser.newContext({ locale: "en-US" });
  const other = await stranger.newPage();
  await other.goto(page.url());
  await expect(other.getByText(/belongs to someone else/).first()).toBeVisible();
  await expect(other.getByText("FROM node")).toHaveCount(0);
  await stranger.close();
});
