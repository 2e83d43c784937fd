import { expect, type Page, test } from "@playwright/test";
import { build, editor, write } from "./journey.ts";

test.use({ locale: "en-US", viewport: { width: 1440, height: 900 } });

/** Opens a card of the gallery. */
async function open(page: Page, card: string, text: string): Promise<void> {
  await page.goto("/");
  await page.getByRole("button", { name: `Open ${card}` }).click();
  await page.waitForURL(/\/p\/[a-z0-9]+$/);
  await expect(editor(page)).toContainText(text);
}

/** What the page says of a failure. */
const meaning = (page: Page) => page.getByRole("region", { name: "What this means" });

/**
 * What somebody needs to see the list of suggestions. For a moment after it has come up, Enter is still a new line (75 ms,
 * `interactionDelay` of @codemirror/autocomplete), for those who type on without a look.
 */
const LOOK_MS = 500;

/** A new line below the last one of the open file. */
async function newLine(page: Page, typed: string): Promise<void> {
  await editor(page).click();
  await page.keyboard.press("Control+End");
  await page.keyboard.type(typed);
}

test("a card of the gallery is broken as it says, and mended in the editor, which completes, explains, fixes and tidies", async ({
  page,
}) => {
  await open(page, "The lost stage", "COPY --from=biulder");
  await page.getByRole("button", { name: "Build", exact: true }).click();
  await expect(meaning(page)).toContainText("No stage before this one is called biulder");
  await write(page, (await editor(page).innerText()).replace("biulder", "builder"));

  // A word that is begun is completed, and explained beside the list.
  await newLine(page, "EXP");
  const list = page.getByRole("listbox", { name: "Suggestions" });
  await expect(list.getByRole("option", { name: /^EXPOSE/ })).toBeVisible();
  await expect(page.locator(".cm-completionInfo")).toContainText("EXPOSE");
  await page.waitForTimeout(LOOK_MS);
  await page.keyboard.press("Enter");
  await page.keyboard.type("8080");
  await expect(editor(page)).toContainText("EXPOSE 8080");

  // What somebody points at is explained.
  await editor(page).getByText("COPY", { exact: true }).hover();
  await expect(page.locator(".cm-tooltip-hover .cm-explanation-title")).toHaveText("COPY");
  await page.mouse.move(0, 0);

  // What the build would refuse is marked, says why, and is mended by a key.
  await newLine(page, "\nLABLE who=me");
  await page.keyboard.press("Escape");
  await expect(page.locator(".cm-lintRange-error")).toContainText("LABLE");
  await page.keyboard.press("Control+.");
  await expect(editor(page)).toContainText("LABEL who=me");
  await expect(page.locator(".cm-lintRange-error")).toHaveCount(0);

  await newLine(page, "\nstopsignal    SIGTERM");
  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Format", exact: true }).click();
  await expect(editor(page)).toContainText("STOPSIGNAL SIGTERM");
  await build(page);
  await expect(page.getByText("COPY --from=builder").last()).toBeVisible();
});

test("the file that is not there is found when the rule that leaves it out has gone", async ({ page }) => {
  await open(page, "The file that is not there", "COPY greeting.txt");
  await page.getByRole("button", { name: "Build", exact: true }).click();
  await expect(meaning(page)).toContainText("line 4 of .dockerignore leaves it out of builds: *.txt");
  await page
    .getByRole("navigation", { name: "Files", exact: true })
    .getByRole("button", { name: ".dockerignore", exact: true })
    .click();
  await expect(editor(page)).toContainText("*.txt");
  await write(page, "*.log\n");
  await build(page);
});
