import { expect, type Page, test } from "@playwright/test";
import { build, launch, newPlayground, stop } from "./journey.ts";

test.use({ locale: "en-US", viewport: { width: 1440, height: 900 } });

const terminalBar = (page: Page, name: string) => page.getByRole("toolbar", { name: `Terminal ${name}` });

test("terminals side by side, with names, search and copy", async ({ page, context, baseURL }) => {
  await context.grantPermissions(["clipboard-write"], { origin: baseURL ?? "" });
  await newPlayground(page);
  await build(page);
  await launch(page);

  // A split stands beside the terminal that it was made from, and has a name of its own.
  await terminalBar(page, "Shell")
    .getByRole("button", { name: /beside this one/ })
    .click();
  await expect(page.getByRole("tab", { name: "Shell | Shell 2" })).toBeVisible();
  await terminalBar(page, "Shell 2").getByRole("button", { name: "Rename Shell 2" }).click();
  await page.getByRole("textbox", { name: "Name of the terminal" }).fill("counting");
  await page.keyboard.press("Enter");
  await expect(page.getByRole("tab", { name: "Shell | counting" })).toBeVisible();

  // What it printed is found, from the newest line up.
  const right = page.getByRole("group", { name: "counting", exact: true });
  await right.locator(".xterm").click();
  await page.keyboard.type("seq -f 'line %g.' 500\n");
  await expect(right.locator(".xterm-rows")).toContainText("line 500.");
  await page.keyboard.press("Control+Shift+F");
  const field = right.getByRole("searchbox", { name: "Search for" });
  await field.fill("line 12.");
  await expect(right.getByRole("status").filter({ hasText: "1 of 1" })).toBeVisible();
  await expect(right.locator(".xterm-rows")).toContainText("line 12.");

  // The match is selected, so it can be copied.
  await terminalBar(page, "counting").getByRole("button", { name: /^Copy/ }).click();
  await expect(page.getByText("Copied.")).toBeVisible();
  await stop(page);
});
