import { expect, type Page, test } from "@playwright/test";
import { editor, newPlayground, write } from "./journey.ts";

test.use({ locale: "en-US", viewport: { width: 1440, height: 900 } });

const file = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "Files" }).getByRole("button", { name, exact: true });
const saved = (page: Page) => page.getByRole("status").filter({ hasText: "Saved" });

/** Puts the cursor at the end of the open text and types. */
async function append(page: Page, text: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(text);
}

async function addFile(page: Page, path: string): Promise<void> {
  await page.getByRole("button", { name: "New file" }).click();
  await page.getByRole("textbox", { name: "Name of the new file" }).fill(path);
  await page.keyboard.press("Enter");
  await expect(file(page, path.split("/").at(-1) ?? "")).toHaveAttribute("aria-current", "true");
}

test("a person keeps files in folders: makes, moves, renames and deletes them", async ({ page }) => {
  await newPlayground(page);
  await addFile(page, "public/index.html");
  await write(page, "<h1>hello</h1>");
  await file(page, "public").click();
  await expect(file(page, "index.html")).toBeHidden();

  await file(page, "app.js").dragTo(file(page, "public"));
  await expect(file(page, "app.js")).toBeVisible();
  await page.reload();
  await expect(file(page, "app.js")).toBeHidden();
  await file(page, "public").press("ArrowRight");
  await expect(file(page, "app.js")).toBeVisible();

  await file(page, "public").press("F2");
  await page.getByRole("textbox", { name: "New path of public" }).fill("site/static");
  await page.keyboard.press("Enter");
  await expect(file(page, "index.html")).toBeVisible();
  await expect(file(page, "static")).toBeVisible();

  await file(page, "static").press("Delete");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(file(page, "static")).toBeHidden();
  await expect(file(page, "site")).toBeVisible();
  await page.reload();
  await expect(file(page, "Dockerfile")).toBeVisible();
  await expect(file(page, "static")).toBeHidden();
});

test("two tabs with one file follow each other, merge, and show what can't be merged", async ({
  page,
  context,
}) => {
  await newPlayground(page);
  const other = await context.newPage();
  await other.goto(page.url());
  await expect(editor(other)).toContainText("FROM node");

  await append(page, "# from the first tab");
  await expect(saved(page)).toBeVisible();
  await expect(editor(other)).toContainText("# from the first tab");

  await context.setOffline(true);
  await editor(other).click();
  await other.keyboard.press("Control+Home");
  await other.keyboard.type("# at the top\n");
  await append(page, "\n# at the end");
  await expect(page.getByText("Kept in this browser")).toBeVisible();
  await context.setOffline(false);
  for (const tab of [page, other]) {
    await expect(saved(tab)).toBeVisible({ timeout: 30_000 });
    await expect(editor(tab)).toContainText("# at the top");
    await expect(editor(tab)).toContainText("# at the end");
  }

  await context.setOffline(true);
  await append(page, ", mine");
  await append(other, ", theirs");
  await expect(other.getByText("Kept in this browser")).toBeVisible();
  await context.setOffline(false);
  const told = page.getByText("was changed elsewhere too");
  await expect(told.or(other.getByText("was changed elsewhere too"))).toBeVisible({ timeout: 30_000 });
  const loser = (await told.isVisible()) ? page : other;
  await loser.getByRole("button", { name: "Compare" }).click();
  const dialog = loser.getByRole("dialog", { name: "Two versions of Dockerfile" });
  await expect(dialog.getByLabel("Yours, here")).toHaveValue(/# at the end, (mine|theirs)/);
  await dialog.getByRole("button", { name: "Edit both together" }).click();
  for (const tab of [page, other]) {
    await expect(editor(tab)).toContainText(", mine");
    await expect(editor(tab)).toContainText(", theirs");
    await expect(saved(tab)).toBeVisible();
  }
});

test("what was typed without a connection outlives its tab", async ({ page, context }) => {
  await newPlayground(page);
  const { href } = new URL(page.url());
  await context.setOffline(true);
  await append(page, "# typed offline");
  await expect(page.getByText("Kept in this browser")).toBeVisible();
  await page.close();
  await context.setOffline(false);
  const next = await context.newPage();
  await next.goto(href);
  await expect(editor(next)).toContainText("# typed offline");
  await expect(saved(next)).toBeVisible();
  await next.reload();
  await expect(editor(next)).toContainText("# typed offline");
});
