import { expect, type Page, test } from "@playwright/test";
import { newPlayground, screen } from "./journey.ts";

test.use({
  locale: "ko-KR",
  viewport: { width: 390, height: 844 },
  hasTouch: true,
  isMobile: true,
  colorScheme: "dark",
});

const part = (page: Page, name: string) =>
  page.getByRole("navigation", { name: "플레이그라운드의 화면" }).getByRole("button", { name, exact: true });

const PARTS = ["left", "middle", "build", "session"];

/** One part of the playground is on the screen, and nothing is wider than the screen. */
async function expectAlone(page: Page, name: string): Promise<void> {
  for (const one of PARTS)
    await expect(page.locator(`[data-area="${one}"]`)).toBeVisible({ visible: one === name });
  expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(390);
}

test("on a phone the parts of a playground stand one behind the other, and the keys that it lacks reach the shell", async ({
  page,
}) => {
  await newPlayground(page, "새 플레이그라운드");
  await expectAlone(page, "middle");
  await part(page, "파일").tap();
  await expectAlone(page, "left");
  await page.getByRole("button", { name: "빌드", exact: true }).first().tap();
  await expectAlone(page, "build");
  await expect(page.getByText("ADD app.js /app.js").last()).toBeVisible();
  await part(page, "세션").tap();
  await page.getByRole("button", { name: "실행", exact: true }).tap({ timeout: 60_000 });
  await expectAlone(page, "session");
  await expect(screen(page)).toContainText(/[#$] /);

  await page.locator(".xterm:visible").tap();
  const keys = page.getByRole("toolbar", { name: "키", exact: true });
  const press = (name: string) => keys.getByRole("button", { name, exact: true }).tap();
  await page.keyboard.type("cat /ap");
  await press("Tab 키");
  await expect(screen(page)).toContainText("cat /app.js");
  await press("Ctrl+C, 멈추기");
  await page.keyboard.type("echo b-$((40+2))");
  for (let count = 0; count < "b-$((40+2))".length; count += 1) await press("왼쪽");
  await page.keyboard.type("a");
  await page.keyboard.press("Enter");
  await expect(screen(page)).toContainText("ab-42");
  await press("위");
  await page.keyboard.type("!\n");
  await expect(screen(page)).toContainText("ab-42!");
  // Escape for a program that waits for a key, and Ctrl for the key after it.
  await page.keyboard.type("read -rsn1 key; printf '%q\\n' \"$key\"; sleep 1000 || echo held-$?\n");
  await press("Esc 키");
  await expect(screen(page)).toContainText("$'\\E'");
  await press("다음 키에 Ctrl 함께 누르기");
  await page.keyboard.type("c");
  await page.keyboard.type("echo free-$((40+2))\n");
  await expect(screen(page)).toContainText("free-42");
  await page.getByRole("button", { name: "중지", exact: true }).tap();
  await expect(page.getByText(/세션을 중지했/).first()).toBeVisible();
});
