import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { editor, newPlayground, screen, type, write } from "./journey.ts";

const pictures = path.resolve(import.meta.dirname, "../../test-results/pictures");

test.use({ viewport: { width: 1440, height: 900 } });

const panel = (page: Page): Locator => page.getByRole("region", { name: "Build", exact: true });
const row = (page: Page, text: string): Locator =>
  panel(page).getByRole("listitem").filter({ hasText: text });
/** The button of the header; a switch of the page has the same name. */
const build = (page: Page, name = "Build") =>
  page.getByRole("banner").getByRole("button", { name, exact: true }).click();

test.describe("in English", () => {
  test.use({ locale: "en-US" });

  test("a failure is explained, and a terminal opens on the files as they were before the step that failed", async ({
    page,
  }) => {
    await newPlayground(page);
    await write(
      page,
      "FROM busybox\nARG WHO=learner\nENV COLOUR=blue\nWORKDIR /srv/work\nRUN echo first > made\nRUN echo half > /half && cat settings.yaml\n",
    );
    await build(page);
    const meaning = page.getByRole("region", { name: "What this means" });
    await expect(meaning).toContainText("settings.yaml, and there is no such file");
    await expect(meaning).toContainText("Copy it in a step before");
    await page.screenshot({ path: path.join(pictures, "build-failed.png") });

    await panel(page).getByRole("button", { name: "Open a terminal here" }).last().click();
    const dialog = page.getByRole("dialog", { name: "A terminal at step 6" });
    await expect(dialog.getByRole("button", { name: "After it ran" })).toHaveCount(0);
    await dialog.getByRole("button", { name: "Before it ran" }).click();
    await expect(page.getByText("This terminal stands right before step 6")).toBeVisible();
    await expect(screen(page)).toContainText(/[#$] /);
    await type(
      page,
      "pwd; cat made; echo $WHO $COLOUR; ls /half",
      /\/srv\/work[\s\S]*first[\s\S]*learner blue[\s\S]*No such file/,
    );
    await page.screenshot({ path: path.join(pictures, "step-terminal.png") });

    await page.getByRole("button", { name: "Open a terminal at step 5" }).click();
    await page.getByRole("dialog").getByRole("button", { name: "Before it ran" }).click();
    await expect(page.getByText("This terminal stands right before step 5")).toBeVisible();
    await type(page, "ls made", /No such file/);
    await page.getByRole("button", { name: "Stop", exact: true }).click();
  });

  test("a log in colours is searched, folded, copied and taken along, and what it says is never markup", async ({
    page,
    context,
  }) => {
    await context.grantPermissions(["clipboard-read", "clipboard-write"]);
    await newPlayground(page);
    await write(
      page,
      String.raw`FROM busybox
RUN printf '\033[31mred words\033[0m <img src=x onerror=document.title=1>\n'; seq 1 3000 # ${Date.now()}
RUN echo a needle in the second step # ${Date.now()}
`,
    );
    await build(page);
    await expect(page.getByText(/^Built in/).first()).toBeVisible();
    await page.getByRole("button", { name: "Search the log" }).click();
    const search = page.getByRole("search");
    await search.getByRole("searchbox").fill("NEEDLE");
    await expect(search.getByRole("status").first()).toHaveText("1 of 1");
    await expect(row(page, "a needle").getByRole("log").locator("mark")).toHaveText("needle");

    await search.getByRole("searchbox").fill("2750");
    await expect(row(page, "seq 1 3000").getByRole("log").locator("mark")).toHaveText("2750");
    await search.getByRole("button", { name: "Close the output of all steps" }).click();
    await expect(panel(page).getByRole("log")).toHaveCount(0);
    await search.getByRole("button", { name: "Open the output of all steps" }).click();
    const log = row(page, "seq 1 3000").getByRole("log");
    await log.evaluate((element) => {
      element.scrollTop = 0;
    });
    await expect(log).toContainText("<img src=x onerror=document.title=1>");
    await expect(log.locator("img")).toHaveCount(0);
    await expect(log.getByText("red words", { exact: true })).toHaveClass(/text-bad/);
    // Of thousands of rows only those in sight are in the page.
    expect(await log.locator("> div > div > div").count()).toBeLessThan(200);

    await row(page, "a needle")
      .getByRole("button", { name: /^Copy the output/ })
      .click();
    await expect(row(page, "a needle").getByText("Copied")).toBeAttached();
    expect(await page.evaluate(() => navigator.clipboard.readText())).toBe("a needle in the second step\n");
    const loading = page.waitForEvent("download");
    await search.getByRole("button", { name: "Download the whole log" }).click();
    const text = await readFile(await (await loading).path(), "utf8");
    expect(text).toContain("\n2999\n3000\n");
    expect(text).not.toContain("\u001b");
  });

  test("stages are a graph that the keyboard reaches, and builds are kept, opened again and compared", async ({
    page,
  }) => {
    await newPlayground(page);
    await write(
      page,
      "FROM busybox AS one\nRUN echo one > /one\nFROM busybox AS two\nRUN echo two > /two\nFROM busybox\nCOPY --from=one /one /\nCOPY --from=two /two /\n",
    );
    await build(page);
    await expect(page.getByText(/^Built in/).first()).toBeVisible();
    const graph = page.getByRole("navigation", { name: "Stages and what they wait for" });
    await page.screenshot({ path: path.join(pictures, "stages.png") });
    await graph.getByRole("button", { name: /^two: done, 2 of 2 steps/ }).focus();
    await page.keyboard.press("Enter");
    await expect(page.getByRole("region", { name: "Stage two" })).toBeFocused();

    await write(page, "FROM busybox\nRUN echo something else > /file && exit 3\n");
    await build(page);
    await expect(page.getByText("Step 2 failed")).toBeVisible();
    await page.getByRole("button", { name: "Builds of this playground" }).click();
    const history = page.getByRole("dialog", { name: "Builds of this playground" });
    await expect(history.getByRole("listitem")).toHaveCount(2);
    await expect(history.getByRole("button", { name: "Compare" })).toBeDisabled();
    for (const box of await history.getByRole("checkbox").all()) await box.check();
    await history.getByRole("button", { name: "Compare" }).click();
    const compared = page.getByRole("dialog", { name: "Two builds compared" });
    await expect(
      compared.getByRole("row", { name: /rewritten.*COPY|new.*RUN echo something/ }).first(),
    ).toBeVisible();
    await expect(compared).toContainText(/succeeded.*failed/);
    await page.screenshot({ path: path.join(pictures, "builds-compared.png") });
    await compared.getByRole("button", { name: "Back to the list" }).click();
    await history
      .getByRole("button", { name: /^Open the build of/ })
      .last()
      .click();
    await expect(page.getByText("This is an older build")).toBeVisible();
    await expect(row(page, "COPY --from=two")).toBeVisible();
    await page.getByRole("button", { name: "Back to the newest" }).click();
    await expect(page.getByText("Step 2 failed")).toBeVisible();
    await expect(page.getByText("The image of the last build that worked is ready.")).toBeVisible();
  });
});

test.describe("in Korean", () => {
  test.use({ locale: "ko-KR" });

  test("a file that .dockerignore leaves out is explained with its rule, on a phone too", async ({
    page,
  }) => {
    await newPlayground(page, "새 플레이그라운드");
    await page.getByRole("button", { name: "새 파일" }).click();
    await page.getByRole("textbox", { name: "새 파일의 이름" }).fill(".dockerignore");
    await page.keyboard.press("Enter");
    await expect(editor(page)).not.toContainText("FROM node");
    await write(page, "# 집에 남는 것\n*.js\n", "저장됨");
    await page.setViewportSize({ width: 390, height: 844 });
    await build(page, "빌드");
    const meaning = page.getByRole("region", { name: "무슨 뜻인가요" });
    await expect(meaning).toContainText(".dockerignore의 2번째 줄이 빌드에서 빼고 있습니다: *.js");
    await page.screenshot({ path: path.join(pictures, "build-failed-ko.png") });
  });
});
