import { readFileSync } from "node:fs";
import path from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { expectNoViolations } from "./axe.ts";
import { build, launch, newPlayground } from "./journey.ts";

test.use({ locale: "en-US", viewport: { width: 1360, height: 900 } });

/** One that the settings of the Slipway under test name. */
const OPERATOR = { name: "Olga", email: "operator@example.org", password: "correct horse battery" };
const dataDir = process.env.SLIPWAY_E2E_DATA_DIR ?? "/var/lib/slipway";

/** Into the operator's account, which an earlier journey may have made, and proves it where that was not done. */
async function enterAsOperator(page: Page): Promise<void> {
  const { name, ...login } = OPERATOR;
  const made = await page.request.post("/trpc/account.signUp", { data: { name, ...login } });
  if (!made.ok()) {
    const come = await page.request.post("/trpc/account.signIn", { data: login });
    expect(come.ok()).toBe(true);
  }
  await page.goto("/account");
  await expect(page.getByText(OPERATOR.email)).toBeVisible();
  const proof = page.getByText("Operator of this place?");
  if (await proof.isVisible()) {
    await proof.click();
    const code = readFileSync(path.join(dataDir, "secrets/operator-code"), "utf8").trim();
    await page.getByLabel("Operator’s code").fill(code);
    await page.getByRole("button", { name: "Prove it" }).click();
  }
  await page.getByRole("link", { name: "Admin page" }).click();
  await expect(page.getByRole("heading", { name: "Workers" })).toBeVisible();
}

test("the operator stops a session, and its owner sees who did it and why", async ({ page, browser }) => {
  await newPlayground(page);
  await build(page);
  await launch(page);

  const office = await browser.newContext({ locale: "en-US", viewport: { width: 1360, height: 900 } });
  const operator = await office.newPage();
  await enterAsOperator(operator);
  await expectNoViolations(operator);
  await operator.screenshot({ path: "../test-results/pictures/admin.png", fullPage: true });
  await operator.getByRole("button", { name: "Sessions", exact: true }).click();
  await operator
    .getByRole("button", { name: /Stop the session of guest/ })
    .first()
    .click();
  await operator.getByLabel("Reason for the owner").fill("The room is needed for an exam.");
  await expectNoViolations(operator);
  await operator.getByRole("dialog").getByRole("button", { name: "Stop", exact: true }).click();

  await expect(page.getByText("The operator of this place stopped the session.").first()).toBeVisible();
  await expect(page.getByText("Their reason: The room is needed for an exam.")).toBeVisible();
  // It wrote nothing, so there is nothing to keep.
  await expect(page.getByText(/Nothing that the container wrote is left/)).toBeVisible();
  await expect(page.getByRole("button", { name: "Keep what it wrote" })).toHaveCount(0);
  await operator.getByRole("button", { name: "Audit log" }).click();
  await operator.getByLabel("Search").fill("stopSession");
  await expect(operator.getByRole("cell", { name: "The room is needed for an exam." }).first()).toBeVisible();
  for (const section of ["Builds", "Users", "Quotas", "Audit log"]) {
    await operator.getByRole("button", { name: section, exact: true }).click();
    await expect(operator.getByText("Looking around")).toHaveCount(0);
    await expectNoViolations(operator);
  }
  await office.close();
});

test("the admin page says nothing to others, also on a phone in Korean", async ({ browser }) => {
  const phone = await browser.newContext({ locale: "ko-KR", viewport: { width: 390, height: 844 } });
  const page = await phone.newPage();
  await page.goto("/admin");
  await expect(page.getByRole("heading", { name: "운영자를 위한 페이지입니다." })).toBeVisible();
  await expectNoViolations(page);
  await phone.close();
});
