import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { build, launch, newPlayground, stop } from "./journey.ts";

test.use({ locale: "en-US", viewport: { width: 1440, height: 900 } });

const COLOUR_RULES = ["color-contrast", "link-in-text-block"];

/** What axe finds on the page as it is in light, and of its colours in dark: nothing else of it is another there. */
async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ["light", "dark"] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: "reduce" });
    const axe = new AxeBuilder({ page });
    const { violations } = await (colorScheme === "dark" ? axe.withRules(COLOUR_RULES) : axe).analyze();
    const found = violations.flatMap(({ id, nodes }) =>
      nodes.map(({ target }) => `${id}: ${target.join(" ")}`),
    );
    expect(found, `${colorScheme} ${page.url()}`).toEqual([]);
  }
}

test("the pages hold against axe, in light and in dark", async ({ page }) => {
  await page.goto("/");
  await expectAccessible(page);

  await newPlayground(page);
  await expectAccessible(page);

  await page.keyboard.press("Control+K");
  await expect(page.getByRole("dialog", { name: "All actions" })).toBeVisible();
  await expectAccessible(page);
  await page.keyboard.press("Escape");

  await build(page);
  await launch(page);
  await expectAccessible(page);
  for (const panel of ["Usage", "Processes", "Isolation"]) {
    await page.getByRole("tab", { name: panel, exact: true }).click();
    const region = page.getByRole("region", { name: panel, exact: true });
    await expect(region.getByText(/of 512 MiB|Main container/).first()).toBeVisible();
    await expectAccessible(page);
  }
  await page.getByRole("tab", { name: "Session", exact: true }).click();
  await stop(page);
});
