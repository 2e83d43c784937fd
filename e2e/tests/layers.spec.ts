import AxeBuilder from "@axe-core/playwright";
import { expect, type Locator, type Page, test } from "@playwright/test";
import { newPlayground, write } from "./journey.ts";

test.use({ locale: "en-US", viewport: { width: 1440, height: 900 } });
// axe takes its time on a busy machine.
test.beforeEach(() => test.slow());

/** A name with an escape sequence, a newline, markup, a mark that turns letters round, and a byte that is no UTF-8. */
const HOSTILE = "a\\033[31m\\n<img src=x onerror=document.title=1>\\342\\200\\256gpj.exe\\377";

const DOCKERFILE = `FROM busybox
RUN mkdir -p /srv/many && cd /srv/many && i=0 && while [ $i -lt 450 ]; do echo $i > f$i; i=$((i+1)); done
RUN printf 'first\\n' > /srv/note && head -c 300000 /dev/urandom > /srv/blob
RUN printf 'second\\n' > /srv/note && rm /srv/blob && : > "/srv/$(printf '${HOSTILE}')"
ENV COLOUR=red
EXPOSE 8080
ENTRYPOINT ["echo"]
CMD ["hello world"]
`;

const buildRegion = (page: Page): Locator => page.getByRole("region", { name: "Build", exact: true });

/** Builds, and waits for what the end of the build with this text in a step offers. */
async function build(page: Page, text: string): Promise<void> {
  await page.getByRole("banner").getByRole("button", { name: "Build", exact: true }).click();
  await expect(buildRegion(page)).toContainText(text);
  await expect(layersButton(page)).toBeVisible();
}

const layersButton = (page: Page): Locator =>
  buildRegion(page).getByRole("button", { name: "Layers", exact: true });

async function openLayers(page: Page): Promise<Locator> {
  await layersButton(page).click();
  const dialog = page.getByRole("dialog", { name: "Layers of the image" });
  await expect(dialog.getByRole("tree")).toBeVisible();
  return dialog;
}

/** Says what axe finds, by rule and place. */
async function violations(page: Page): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page }).analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`);
}

const line = (dialog: Locator, name: string | RegExp): Locator => dialog.getByRole("treeitem", { name });

test("what each layer did, where a file came from, what is wasted, and what the config says", async ({
  page,
}) => {
  await newPlayground(page);
  await write(page, DOCKERFILE);
  await build(page, "second");
  const dialog = await openLayers(page);

  // The newest layer is chosen. The keyboard alone goes through layers and files.
  const newest = dialog.getByRole("radio", { name: /second/ });
  await expect(newest).toBeChecked();
  await expect(newest).toContainText("1 removed");
  await dialog.getByRole("tree").focus();
  await page.keyboard.press("End");
  await line(dialog, /^.*srv\//).click();
  await expect(line(dialog, /note/)).toHaveAccessibleName(/changed by this layer/);
  await expect(line(dialog, /many/)).not.toHaveAccessibleName(/layer/);

  // A hostile name is shown, and nothing of it happens.
  await expect(line(dialog, /gpj/)).toContainText(
    "a\\x1b[31m\\n<img src=x onerror=document.title=1>\\u202egpj.exe\\xff",
  );
  await expect(dialog.locator("img")).toHaveCount(0);
  await expect(page).toHaveTitle(/Slipway/);
  await line(dialog, /gpj/).click();
  await expect(dialog.getByText("The file is empty.")).toBeVisible();

  // A file as of two layers.
  await line(dialog, /note/).click();
  const content = dialog.getByRole("region", { name: "Content of the file" });
  await expect(content).toHaveText("second\n");
  await dialog
    .getByRole("list", { name: "Where it came from" })
    .getByRole("button", { name: /^added/ })
    .click();
  await expect(content).toHaveText("first\n");
  await expect(dialog.getByRole("radio", { name: /first/ })).toBeChecked();

  // What a layer removes is there to be seen, as bytes.
  await newest.click();
  await line(dialog, /^removed by this layer blob/).click();
  await expect(dialog.getByText(/^Layer \d removes it/)).toBeVisible();
  await expect(content).toContainText("00000000  ");
  expect(await violations(page)).toEqual([]);

  await dialog.getByRole("searchbox", { name: "Search for a path" }).fill("SRV/MANY/F44");
  await expect(dialog.getByRole("status").filter({ hasText: "11 paths" })).toBeVisible();
  await dialog.getByRole("searchbox").fill("");

  await dialog.getByRole("tab", { name: "Wasted bytes" }).click();
  await expect(dialog.getByRole("row").filter({ hasText: "srv/blob" })).toContainText("300 kB");

  await page.keyboard.press("ArrowRight");
  const config = dialog.getByRole("tabpanel", { name: "What its config says" });
  await expect(config).toContainText("echo 'hello world'");
  await expect(config).toContainText("8080/tcp");
  await expect(config).toContainText("COLOUR=red");

  await page.keyboard.press("Escape");
  await expect(dialog).toHaveCount(0);
});

test("a directory of many is listed as far as it is in sight, and two builds are compared", async ({
  page,
}) => {
  await newPlayground(page);
  await write(page, DOCKERFILE);
  await build(page, "second");
  await write(page, DOCKERFILE.replace("second", "third, and longer").replace("-lt 450", "-lt 449"));
  await build(page, "third");
  const dialog = await openLayers(page);

  await line(dialog, /srv/).click();
  await line(dialog, /many/).click();
  await expect(line(dialog, "f0 ")).toBeVisible();
  expect(await dialog.getByRole("treeitem").count()).toBeLessThan(120);
  await dialog.getByRole("tree").focus();
  await page.keyboard.press("End");
  await expect(dialog.getByRole("treeitem").last()).toBeInViewport();
  await page.keyboard.press("PageUp");
  await expect(dialog.getByRole("treeitem", { name: /f9/ }).first()).toBeVisible();

  await page.keyboard.press("Escape");
  await page.getByRole("button", { name: "Builds of this playground" }).click();
  const history = page.getByRole("dialog", { name: "Builds of this playground" });
  await expect(history.getByRole("listitem")).toHaveCount(2);
  for (const box of await history.getByRole("checkbox").all()) await box.check();
  await history.getByRole("button", { name: "Compare" }).click();
  await page.getByRole("button", { name: "Compare the files of the images" }).click();
  await expect(dialog.getByRole("tab", { name: "Compare" })).toHaveAttribute("aria-selected", "true");
  await expect(dialog.getByText(/of \d layers are shared/)).toBeVisible();
  const differences = dialog.getByRole("list", { name: "What differs" });
  await expect(differences.getByRole("listitem").filter({ hasText: "srv/note" })).toContainText("7 B → 18 B");
  await expect(differences.getByRole("listitem").filter({ hasText: "srv/many/f449" })).toContainText(
    "removed",
  );
  expect(await violations(page)).toEqual([]);
});

test.describe("on a phone, in Korean and in the dark", () => {
  test.use({ locale: "ko-KR", viewport: { width: 390, height: 844 }, colorScheme: "dark" });

  test("layers and files are one above the other, and nothing is too wide", async ({ page }) => {
    await newPlayground(page, "새 플레이그라운드");
    await page.getByRole("banner").getByRole("button", { name: "빌드", exact: true }).click();
    await page.getByRole("button", { name: "레이어", exact: true }).click();
    const dialog = page.getByRole("dialog", { name: "이미지의 레이어" });
    await dialog.getByRole("treeitem").first().click();
    await expect(dialog.getByRole("radiogroup")).toBeVisible();
    const isTooWide = await page.evaluate(() => document.documentElement.scrollWidth > window.innerWidth);
    expect(isTooWide).toBe(false);
    expect(await violations(page)).toEqual([]);
    await dialog.getByRole("tab", { name: "설정 내용" }).click();
    await expect(dialog).toContainText("node app.js");
    expect(await violations(page)).toEqual([]);
  });
});
