import { type Browser, expect, type Page, test } from "@playwright/test";
import { expectNoViolations } from "./axe.ts";
import { editor, newPlayground, write } from "./journey.ts";

test.use({ locale: "en-US", viewport: { width: 1280, height: 860 } });

const password = "correct horse battery";
const newAddress = () => `ann-${Date.now()}-${Math.floor(Math.random() * 1e6)}@example.org`;

async function freshPage(browser: Browser, locale = "en-US"): Promise<Page> {
  return (await browser.newContext({ locale })).newPage();
}

test("a guest makes an account, keeps the playground, and gets to it from another browser", async ({
  page,
  browser,
}) => {
  const email = newAddress();
  await newPlayground(page);
  await write(page, "FROM busybox\n# mine\n");
  const playground = page.url();
  await page.getByRole("link", { name: "Sign in" }).click();
  await expect(page.getByText(/You are here as a guest/)).toBeVisible();
  await expectNoViolations(page);
  await page.getByLabel("Name").fill("Ann");
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Make an account" }).click();

  await page.waitForURL(playground);
  await expect(editor(page)).toContainText("# mine");
  await expect(page.getByRole("link", { name: "Account of Ann" })).toBeVisible();

  const elsewhere = await freshPage(browser);
  await elsewhere.goto(playground);
  await expect(elsewhere.getByText(/belongs to someone else/)).toBeVisible();
  await elsewhere.getByRole("link", { name: "Sign in" }).click();
  await elsewhere.getByLabel("E-mail").fill(email);
  await elsewhere.getByLabel("Password").fill("not the password");
  await elsewhere.getByRole("button", { name: "Sign in", exact: true }).click();
  await expect(elsewhere.getByText("The address or the password is not right.")).toBeVisible();
  await elsewhere.getByLabel("Password").fill(password);
  await elsewhere.getByRole("button", { name: "Sign in", exact: true }).click();
  await elsewhere.waitForURL(playground);
  await expect(editor(elsewhere)).toContainText("# mine");
  await elsewhere.context().close();

  await page.getByRole("link", { name: "Account of Ann" }).click();
  await expect(page.getByText(email)).toBeVisible();
  await expectNoViolations(page);
  await page.getByRole("button", { name: "Sign out" }).click();
  await page.waitForURL(/\/$/);
  await page.goto(playground);
  await expect(page.getByText(/belongs to someone else/)).toBeVisible();
});

test("on a phone, in Korean, a guest makes an account and deletes it again", async ({ browser }) => {
  const page = await freshPage(browser, "ko-KR");
  await page.setViewportSize({ width: 390, height: 844 });
  await newPlayground(page, "새 플레이그라운드");
  const playground = page.url();
  await page.goto("/account");
  await expectNoViolations(page);
  await page.getByLabel("이름").fill("안나");
  await page.getByLabel("이메일").fill(newAddress());
  await page.getByLabel("비밀번호").fill(password);
  await page.getByRole("button", { name: "계정 만들기" }).click();
  await page.waitForURL(/\/$/);
  await page.getByRole("link", { name: "안나 계정" }).click();
  await page.getByRole("button", { name: "계정 지우기" }).click();
  await page.getByRole("button", { name: "모두 지우기" }).scrollIntoViewIfNeeded();
  await expectNoViolations(page);
  await page.getByLabel("지금 비밀번호").last().fill(password);
  // The first answer gets lost on its way: the page asks again, and the account is gone already.
  let asked = 0;
  await page.route(/\/trpc\/account\.remove/, async (route) => {
    asked += 1;
    if (asked > 1) return await route.continue();
    await route.fetch();
    await route.abort("connectionreset");
  });
  await page.getByRole("button", { name: "모두 지우기" }).click();
  await expect(page).toHaveURL(/\/$/);
  expect(asked).toBe(2);
  await page.goto(playground);
  await expect(page.getByText(/다른 사람의 플레이그라운드/).first()).toBeVisible();
  await page.context().close();
});
