import { expect, type Page, test } from "@playwright/test";
import { editor, newPlayground, write } from "./journey.ts";

test.use({ locale: "en-US", viewport: { width: 1440, height: 900 } });

const panel = (page: Page) => page.getByRole("navigation", { name: "Files", exact: true });
const file = (page: Page, name: string) => panel(page).getByRole("button", { name, exact: true });
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

test("a person keeps files in folders, uploads, deletes, and goes back in the history", async ({ page }) => {
  await newPlayground(page);
  await addFile(page, "public/index.html");
  await write(page, "<h1>hello</h1>");
  await file(page, "app.js").dragTo(file(page, "public"));
  await expect(file(page, "public")).toHaveAttribute("aria-expanded", "true");
  await file(page, "public").press("F2");
  await page.getByRole("textbox", { name: "New path of public" }).fill("site");
  await page.keyboard.press("Enter");
  await expect(file(page, "site")).toBeVisible();
  await expect(file(page, "public")).toBeHidden();

  await panel(page).getByRole("button", { name: "Upload", exact: true }).click();
  const upload = page.getByRole("dialog", { name: "Upload" });
  await upload.getByLabel("Files").setInputFiles([
    { name: "logo.bin", mimeType: "application/octet-stream", buffer: Buffer.from([0, 1, 2, 255]) },
    { name: "<b>.txt", mimeType: "text/plain", buffer: Buffer.from("<script>alert(1)</script>") },
  ]);
  await expect(upload.getByText("2 files are here.")).toBeVisible();
  await page.keyboard.press("Escape");
  await file(page, "site").press("ArrowRight");
  await file(page, "logo.bin").click();
  await expect(page.getByText("This file is no text")).toBeVisible();
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download" }).click();
  expect((await download).suggestedFilename()).toBe("logo.bin");

  await file(page, "site").press("Delete");
  await page.getByRole("button", { name: "Delete", exact: true }).click();
  await expect(file(page, "site")).toBeHidden();
  await panel(page).getByRole("button", { name: "History", exact: true }).click();
  const history = page.getByRole("dialog", { name: "History" });
  await expect(history.getByText("gone since then").first()).toBeVisible();
  await history.getByRole("button", { name: /^Go back to version/ }).click();
  await expect(file(page, "site")).toBeVisible();
  await page.reload();
  await file(page, "site").press("ArrowRight");
  await expect(file(page, "<b>.txt")).toBeVisible();
});

test("two tabs with one file follow each other, merge, and show what can't be merged", async ({
  page,
  context,
}) => {
  // It loses the connection twice, and a page gives it up only after some seconds.
  test.slow();
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
    await expect(saved(tab)).toBeVisible();
    await expect(editor(tab)).toContainText("# at the top");
    await expect(editor(tab)).toContainText("# at the end");
  }

  await context.setOffline(true);
  await append(page, ", mine");
  await append(other, ", theirs");
  await expect(other.getByText("Kept in this browser")).toBeVisible();
  await context.setOffline(false);
  const isTold = (tab: Page) => tab.getByText("was changed elsewhere too").isVisible();
  await expect.poll(async () => (await isTold(page)) || (await isTold(other))).toBe(true);
  const loser = (await isTold(page)) ? page : other;
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

test.describe("in Korean", () => {
  test.use({ locale: "ko-KR" });

  test("a playground is shared by a link, forked by a stranger, and found among one's own", async ({
    page,
    browser,
  }) => {
    await newPlayground(page, "새 플레이그라운드");
    await page
      .getByRole("navigation", { name: "파일", exact: true })
      .getByRole("button", { name: "공유", exact: true })
      .click();
    const share = page.getByRole("dialog", { name: "공유하고 가져가기" });
    await share.getByRole("button", { name: "링크 만들기" }).click();
    const url = await share.getByLabel("페이지", { exact: true }).inputValue();
    await expect(share.getByLabel("저장소 복제", { exact: true })).toHaveValue(/^git clone http.*\.git$/);

    const stranger = await browser.newContext({ locale: "ko-KR" });
    const visit = await stranger.newPage();
    await visit.goto(url);
    await expect(visit.getByLabel("Dockerfile")).toHaveValue(/FROM node/);
    await visit.getByRole("button", { name: "복제하기" }).click();
    await visit.waitForURL(/\/p\/[a-z0-9]+$/);
    await expect(editor(visit)).toContainText("FROM node");

    await visit.goto("/playgrounds");
    await visit.getByRole("button", { name: "node 이름 바꾸기" }).click();
    await visit.getByLabel("node의 새 이름").fill("내 연습장");
    await visit.keyboard.press("Enter");
    await expect(visit.getByRole("link", { name: "내 연습장" })).toBeVisible();
    await visit.getByLabel("이름이나 파일 찾기").fill("없는 이름");
    await expect(visit.getByRole("link", { name: "내 연습장" })).toBeHidden();
    await visit.getByLabel("이름이나 파일 찾기").fill("연습");
    await visit.getByRole("button", { name: "내 연습장 삭제" }).click();
    await visit.getByRole("button", { name: "삭제", exact: true }).click();
    await expect(visit.getByText("플레이그라운드 0개")).toBeVisible();
    await stranger.close();

    await share.getByRole("button", { name: /링크 취소$/ }).click();
    await expect(share.getByText("이 플레이그라운드의 링크가 없습니다.")).toBeVisible();
    await page.goto(url);
    await expect(page.getByText("올바르지 않은 링크입니다")).toBeVisible();
  });
});
