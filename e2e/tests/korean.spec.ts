import path from "node:path";
import { expect, test } from "@playwright/test";
import { newPlayground, type } from "./journey.ts";

const pictures = path.resolve(import.meta.dirname, "../../test-results/pictures");

test.use({ locale: "ko-KR", viewport: { width: 1440, height: 900 } });

test("the whole way in Korean: the browser's language is the page's", async ({ page }) => {
  await newPlayground(page, "새 플레이그라운드");
  await page.getByRole("button", { name: "빌드", exact: true }).click();
  await page.getByRole("button", { name: "실행", exact: true }).click();
  await type(page, "echo 안녕하세요 🚢", /안녕하세요 🚢/);
  await page.screenshot({ path: path.join(pictures, "playground-ko.png") });
  await page.getByRole("button", { name: "중지", exact: true }).click();
  await expect(page.getByText(/세션을 (중지|끝)/).first()).toBeVisible();
});
