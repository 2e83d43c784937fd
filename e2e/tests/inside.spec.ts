import { expect, type Page, test } from "@playwright/test";
import { build, launch, newPlayground, screen, stop, type } from "./journey.ts";

test.use({ locale: "en-US", viewport: { width: 1440, height: 900 } });

const panel = (page: Page, name: string) => page.getByRole("tab", { name, exact: true });

test("a session is seen from outside: its processes, and what keeps it apart", async ({ page }) => {
  await newPlayground(page);
  await build(page);
  await launch(page);
  await type(page, "sleep 4321 & echo number $!", /number \d+/);
  const printed = (await screen(page).textContent()) ?? "";
  const inside = /number (\d+)/.exec(printed)?.[1] ?? "";

  // The shell's number for it is the one inside; outside it is another one.
  await panel(page, "Processes").click();
  const row = page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "sleep 4321" }) });
  await expect(row.getByRole("cell").first()).toHaveText(inside);
  await expect(row.getByRole("cell").nth(1)).not.toHaveText(inside);
  await expect(row.getByRole("cell").nth(2)).toHaveText("0");
  await expect(row.getByRole("cell").nth(3)).toHaveText(/^\d{6,}$/);

  await panel(page, "Isolation").click();
  await expect(page.getByText("Host name (uts)")).toBeVisible();
  await expect(page.getByText("CAP_CHOWN", { exact: true })).toBeVisible();
  await expect(page.getByText(/^0 to \d+ inside are \d+ to \d+ outside$/)).toBeVisible();

  await panel(page, "Session").click();
  await stop(page);
});
