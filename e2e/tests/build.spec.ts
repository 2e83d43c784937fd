import { expect, type Locator, type Page, test } from "@playwright/test";
import { editor, newPlayground, write } from "./journey.ts";

test.use({ locale: "en-US", viewport: { width: 1440, height: 900 } });

const SECRET = "hunter2-the-secret";

const openOptions = async (page: Page): Promise<Locator> => {
  await page.getByRole("button", { name: /^Build options/ }).click();
  const dialog = page.getByRole("dialog", { name: "Build options" });
  await expect(dialog).toBeVisible();
  return dialog;
};

/** The row of a step, by the instruction as written. */
const row = (page: Page, text: string): Locator =>
  page.getByRole("region", { name: "Build", exact: true }).getByRole("listitem").filter({ hasText: text });

/** Opens what a step printed. */
async function outputOf(page: Page, text: string): Promise<Locator> {
  const button = row(page, text).getByRole("button", { name: /^Output of step/ });
  await expect(button).toBeVisible();
  if ((await button.getAttribute("aria-expanded")) === "false") await button.click();
  return row(page, text).getByRole("log");
}

test("target, build argument and secret reach the build: it knows the secret's length, and nobody its value", async ({
  page,
}) => {
  await newPlayground(page);
  await write(
    page,
    `FROM busybox AS base
ARG WHO=nobody
RUN --mount=type=secret,id=token,required=true echo "who=$WHO length=$(wc -c < /run/secrets/token)" && cat /run/secrets/token | sha256sum
FROM base AS other
RUN echo of-the-other-stage
`,
  );
  const answers: string[] = [];
  page.on("response", (response) => {
    if (response.url().includes("/trpc"))
      void response.text().then(
        (body) => answers.push(body),
        () => null,
      );
  });

  const dialog = await openOptions(page);
  await dialog.getByRole("combobox", { name: "Target stage" }).selectOption("base");
  await dialog.getByRole("button", { name: "Add an argument" }).click();
  await dialog.getByLabel("Name of argument 1").fill("WHO");
  await dialog.getByLabel("Value of WHO").fill("learner");
  await dialog.getByLabel("Value of the secret token").fill(SECRET);
  await dialog.getByRole("button", { name: "Build", exact: true }).click();

  await expect(page.getByText(/^Built in/).first()).toBeVisible();
  const output = await outputOf(page, "RUN --mount=type=secret");
  await expect(output).toContainText(`who=learner length=${SECRET.length}`);
  await expect(row(page, "of-the-other-stage")).toHaveCount(0);
  expect(await page.content()).not.toContain(SECRET);
  expect(answers.join("\n")).toContain("learner");
  expect(answers.join("\n")).not.toContain(SECRET);

  await page.reload();
  const again = await openOptions(page);
  await expect(again.getByRole("combobox", { name: "Target stage" })).toHaveValue("base");
  await expect(again.getByLabel("Value of WHO")).toHaveValue("learner");
  await expect(again.getByLabel("Value of the secret token")).toHaveValue("");
});

test("a build without a secret that it needs says which, and leads to where it is given", async ({
  page,
}) => {
  await newPlayground(page);
  await write(
    page,
    "FROM busybox\nRUN --mount=type=secret,id=licence,required=true wc -c /run/secrets/licence\n",
  );
  await page.getByRole("button", { name: "Build", exact: true }).click();
  await expect(page.getByText(/needs the secret licence/).first()).toBeVisible();
  await page
    .getByRole("region", { name: "Build", exact: true })
    .getByRole("button", { name: "Build options" })
    .click();
  const dialog = page.getByRole("dialog", { name: "Build options" });
  await dialog.getByLabel("Value of the secret licence").fill("12345");
  await page.keyboard.press("Control+Enter");
  await expect(page.getByText(/^Built in/).first()).toBeVisible();
  await expect(await outputOf(page, "RUN --mount=type=secret")).toContainText("5 /run/secrets/licence");
});

test("a failed build shows its exit code, its last lines, and leads to its line", async ({ page }) => {
  await newPlayground(page);
  await write(page, "FROM busybox\nRUN true\nRUN for i in $(seq 1 50); do echo line-$i; done; exit 9\n");
  await page.getByRole("button", { name: "Build", exact: true }).click();
  await expect(page.getByText("Step 3 failed")).toBeVisible();
  await expect(page.getByText(/exit code 9/).first()).toBeVisible();
  const last = page.getByRole("log", { name: "The last lines of its output" });
  await expect(last).toContainText("line-50");
  await expect(last).toContainText("line-31");
  await expect(last).not.toContainText("line-30");
  await page.getByRole("button", { name: "Show line 3 in the editor" }).click();
  await expect(editor(page)).toBeFocused();
  await expect(page.locator(".cm-activeLine")).toContainText("exit 9");
});

test("a build can be cancelled while it runs, and the next one goes on at once", async ({ page }) => {
  await newPlayground(page);
  await write(page, "FROM busybox\nRUN echo started && sleep 600\n");
  await page.getByRole("button", { name: "Build", exact: true }).click();
  await expect(row(page, "RUN echo started").getByRole("log")).toContainText("started");
  await page.getByRole("button", { name: "Cancel", exact: true }).click();
  await expect(page.getByText("The build was cancelled").first()).toBeVisible();
  await write(page, "FROM busybox\nRUN echo after-the-cancel\n");
  await page.getByRole("button", { name: "Build", exact: true }).click();
  await expect(page.getByText(/^Built in/).first()).toBeVisible();
});

test("stages that need nothing of each other run side by side, each with its own output", async ({
  page,
}) => {
  await newPlayground(page);
  const mark = Date.now();
  await write(
    page,
    `FROM busybox AS left
RUN echo ${mark} left && sleep 4 && echo done > /left
FROM busybox AS right
RUN echo ${mark} right && sleep 4 && echo done > /right
FROM busybox
COPY --from=left /left /
COPY --from=right /right /
CMD cat /left
`,
  );
  await page.getByRole("button", { name: "Build", exact: true }).click();
  const left = page.getByRole("region", { name: "Stage left" });
  const right = page.getByRole("region", { name: "Stage right" });
  await expect(left.getByText("running")).toBeVisible();
  await expect(right.getByText("running")).toBeVisible();
  await expect(left.getByRole("log")).toContainText(`${mark} left`);
  await expect(right.getByRole("log")).toContainText(`${mark} right`);
  await expect(page.getByRole("region", { name: "Stage 2" })).toContainText("after left, right");
  await expect(page.getByText(/^Built in/).first()).toBeVisible();
  await expect(page.getByText("JSONArgsRecommended")).toBeVisible();
  await expect(editor(page).locator(".cm-lintRange-warning").first()).toBeVisible();

  await page.getByRole("button", { name: "Build", exact: true }).click();
  await expect(left.getByText("cached").first()).toBeVisible();
  await expect(page.getByText("Unchanged, so the layer came from the cache.").first()).toBeVisible();
});

test("a registry login is kept, never shown again, and removed", async ({ page }) => {
  await newPlayground(page);
  await (await openOptions(page)).getByRole("button", { name: "Registry logins" }).click();
  const dialog = page.getByRole("dialog", { name: "Registry logins" });
  await dialog.getByLabel("Registry", { exact: true }).fill("https://Registry.Example:5000/v2/");
  await dialog.getByLabel("User name").fill("ann");
  await dialog.getByLabel("Password or access token").fill(SECRET);
  await dialog.getByRole("button", { name: "Log in", exact: true }).click();
  await expect(dialog.getByText("Saved the login to registry.example:5000.")).toBeVisible();

  await page.reload();
  await (await openOptions(page)).getByRole("button", { name: "Registry logins" }).click();
  await expect(dialog.getByRole("listitem")).toContainText("registry.example:5000");
  await expect(dialog.getByRole("listitem")).toContainText("as ann");
  expect(await page.content()).not.toContain(SECRET);
  await dialog.getByRole("button", { name: "Log out of registry.example:5000" }).click();
  await expect(dialog.getByText("You are not logged in to any registry.")).toBeVisible();
});
