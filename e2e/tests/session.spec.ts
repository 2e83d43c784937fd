import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { build, launch, newPlayground, screen, stop, type } from "./journey.ts";

test.use({ locale: "en-US", viewport: { width: 1440, height: 900 } });

const session = (page: Page) => page.getByRole("region", { name: "Session", exact: true });

async function running(page: Page): Promise<void> {
  await newPlayground(page);
  await build(page);
  await launch(page);
}

/** Makes a link in the dialog, and answers its address. */
async function link(page: Page, name: string): Promise<string> {
  await page.getByRole("button", { name: "Share this session", exact: true }).click();
  const dialog = page.getByRole("dialog", { name: "Share this session" });
  await dialog.getByRole("button", { name }).click();
  const field = dialog.getByLabel("The new link");
  await expect(field).toHaveValue(/\/l\/[A-Za-z0-9_-]{22}$/);
  const url = await field.inputValue();
  await page.keyboard.press("Escape");
  return url;
}

/** The page of a port that is shown beside the terminals. */
const framed = (page: Page, port: number) =>
  page.frameLocator(`iframe[title="Page on port ${port}"]`).locator("body");

/** A browser of somebody else, without an account. */
async function visit(page: Page, url: string): Promise<{ visitor: Page; context: BrowserContext }> {
  const browser = page.context().browser();
  if (browser === null) throw new Error("the tests run in a browser of their own");
  const context = await browser.newContext({ locale: "en-US", viewport: { width: 1440, height: 900 } });
  const visitor = await context.newPage();
  await visitor.goto(url);
  return { visitor, context };
}

test("one more terminal is a shell of its own beside the others", async ({ page }) => {
  await running(page);
  await type(page, "mine=first; echo shell-$((40+1))", /shell-41/);
  await page.getByRole("button", { name: "Open one more terminal" }).click();
  await expect(page.getByRole("tab", { name: "Shell 2", selected: true })).toBeVisible();
  await expect(screen(page)).toContainText(/[#$] /);
  await type(page, "echo other-$((40+2))-[$mine]", /other-42-\[\]/);
  await page.getByRole("tab", { name: "Shell", exact: true }).click();
  await type(page, "echo still-$mine", /still-first/);
  await page.reload();
  await expect(page.getByRole("tab", { name: "Shell 2" })).toBeVisible();
  await stop(page);
});

test("a memory bomb is ended by the kernel, and the page says which process, at what size, and what to do", async ({
  page,
}) => {
  await running(page);
  await type(page, "tail /dev/zero; echo ended-$?", /ended-137/);
  const notice = page.getByRole("region", { name: "Limits that the session reached" });
  await expect(notice).toContainText(/the kernel ended tail at [\d.]+ [MG]iB of [\d.]+ [MG]iB allowed/);
  await expect(notice).toContainText("Let the program work on less at a time");
  await type(page, "echo alive-$((40+2))", /alive-42/);
  await stop(page);
  await expect(notice).toContainText("the kernel ended tail");
  await page.reload();
  await expect(notice).toContainText("the kernel ended tail");
});

test("a paused session stands still, and goes on where it was", async ({ page }) => {
  await running(page);
  await type(page, "echo before-$((40+1))", /before-41/);
  await page.getByRole("button", { name: "Pause", exact: true }).click();
  await expect(session(page).getByText(/^Paused\./)).toBeVisible();
  await page.locator(".xterm:visible").click();
  await page.keyboard.type("echo after-$((40+2))\n");
  // Nothing is there to wait for: a shell that stands still says nothing.
  await page.waitForTimeout(1_500);
  await expect(screen(page)).not.toContainText("after-42");
  await page.getByRole("button", { name: "Go on", exact: true }).click();
  await expect(screen(page)).toContainText("after-42");
  await expect(session(page).getByText(/^Paused\./)).toBeHidden();
  await stop(page);
});

test("what was written is saved as an image, also after the end, and launched again", async ({ page }) => {
  await running(page);
  await type(page, "echo kept-$((40+2)) > /kept; sync; echo written-$?", /written-0/);
  await page.getByRole("button", { name: "Keep what it wrote" }).click();
  const dialog = page.getByRole("dialog", { name: "Keep what the session wrote" });
  await dialog.getByLabel("Save as an image").fill("Not A Name");
  await expect(dialog.getByRole("button", { name: "Save", exact: true })).toBeDisabled();
  await dialog.getByLabel("Save as an image").fill("mine");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  const saved = dialog.getByRole("list", { name: "Saved images" });
  await expect(saved).toContainText(/mine.*\d+ layers/);
  await page.keyboard.press("Escape");

  await type(page, "echo late-$((40+2)) > /late; echo written-$((1+1))", /written-2/);
  await stop(page);
  await page.getByRole("button", { name: "Keep what it wrote" }).click();
  await expect(dialog.getByText(/It is kept for \d+:\d\d/)).toBeVisible();
  await dialog.getByLabel("Save as an image").fill("late");
  await dialog.getByRole("button", { name: "Save", exact: true }).click();
  await expect(dialog.getByRole("button", { name: "Launch late" })).toBeVisible();
  const download = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download as a tar file" }).click();
  expect((await download).suggestedFilename()).toMatch(/\.tar$/);

  await dialog.getByRole("button", { name: "Launch mine" }).click();
  await expect(screen(page)).toContainText(/[#$] /);
  await type(page, "cat /kept; ls /late", /kept-42[\s\S]*No such file/);
  await stop(page);
});

test("who has a link to watch sees the very screen, a full-screen program too, and can't type", async ({
  page,
}) => {
  await running(page);
  const url = await link(page, "Link to watch");
  await type(page, "echo hidden-$((40+2)); sleep 1", /hidden-42/);
  await page.locator(".xterm:visible").click();
  await page.keyboard.type(
    "printf '\\033[?1049h\\033[2J\\033[5;10H\\033[31mFULL-%s' SCREEN; read answer; printf '\\033[?1049l'\n",
  );
  await expect(screen(page)).toContainText("FULL-SCREEN");

  const { visitor, context } = await visit(page, url);
  await expect(screen(visitor)).toContainText("FULL-SCREEN");
  await expect(screen(visitor)).not.toContainText("hidden-42");
  await expect(visitor.getByText(/^You are watching\./)).toBeVisible();
  for (const name of ["Stop", "Pause", "Share this session", "Open one more terminal"])
    await expect(visitor.getByRole("button", { name, exact: true })).toHaveCount(0);
  await visitor.locator(".xterm:visible").click();
  await visitor.keyboard.type("typed-by-the-visitor\n");
  await visitor.waitForTimeout(1_000);
  await expect(screen(page)).toContainText("FULL-SCREEN");
  await expect(screen(page)).not.toContainText("typed-by");

  await page.locator(".xterm:visible").click();
  await page.keyboard.type("\n");
  await type(page, "echo back-$((40+2))", /back-42/);
  await expect(screen(visitor)).toContainText("back-42");

  await page.getByRole("button", { name: "Share this session", exact: true }).click();
  await page.getByRole("button", { name: "Revoke: To watch" }).click();
  await expect(page.getByText("There are no links into this session.")).toBeVisible();
  await page.keyboard.press("Escape");
  await expect(visitor.getByText(/its owner took the link back/)).toBeVisible();
  expect((await visitor.goto(url))?.status()).toBe(404);
  await expect(visitor.getByText("This link is not valid.")).toBeVisible();
  await context.close();
  await stop(page);
});

test("who has a link to type along types into the same shell", async ({ page }) => {
  await running(page);
  await type(page, "whose=ours", /[#$] /);
  const { visitor, context } = await visit(page, await link(page, "Link to type along"));
  await expect(screen(visitor)).toContainText(/[#$] /);
  await type(visitor, "echo typed-by-$whose-visitor", /typed-by-ours-visitor/);
  await expect(screen(page)).toContainText("typed-by-ours-visitor");
  await stop(page);
  await expect(visitor.getByText(/^The session has ended/)).toBeVisible();
  await context.close();
});

test("a public link opens a port for somebody without an account, and nothing else does", async ({
  page,
}) => {
  await running(page);
  await expect(page.getByRole("button", { name: "Show port 8080 beside the terminal" })).toBeVisible();
  const { visitor, context } = await visit(page, await link(page, "Public link to this port"));
  await expect(visitor.locator("body")).toContainText(/you've hit [a-z0-9]{12}/);
  const preview = new URL("/", visitor.url()).href;
  expect(visitor.url()).not.toContain("ticket");
  await context.close();

  const stranger = await visit(page, preview);
  expect((await stranger.visitor.goto(preview))?.status()).toBe(401);
  await expect(stranger.visitor.locator("body")).not.toContainText("you've hit");
  await stranger.context.close();
  await stop(page);
});

test("a preview stands beside the terminal, comes when its program does, and goes on when its ticket is gone", async ({
  page,
  context,
}) => {
  await running(page);
  await page.getByRole("button", { name: "Show port 8080 beside the terminal" }).click();
  await expect(framed(page, 8080)).toContainText(/you've hit [a-z0-9]{12}/);
  await type(page, "echo beside-$((40+2))", /beside-42/);
  const inside = page.frames().find((frame) => frame.url().includes("//8080-"));
  expect(inside?.url()).toMatch(/:\d+\/$/);

  // What has lost its ticket gets a new one.
  await context.clearCookies({ name: /slipway-preview/ });
  await inside?.evaluate(() => window.location.assign("/later"));
  await expect(page.getByRole("status").filter({ hasText: "Port 8080 is being asked" })).toBeHidden();
  await expect(framed(page, 8080)).toContainText(/you've hit/);

  // A program that has stopped is missed, and shown again as soon as it listens.
  const serve = `node -e "require('http').createServer((q, r) => r.end('second ' + q.url)).listen(9000)" &`;
  await type(page, `${serve} echo started-$((1+1))`, /started-2/);
  await expect(page.getByRole("button", { name: "Show port 9000 beside the terminal" })).toBeVisible();
  await page.keyboard.press("Control+Shift+K");
  await page.getByRole("combobox").fill("port 9000");
  await page.keyboard.press("Enter");
  await expect(framed(page, 9000)).toHaveText("second /");
  const path = page.getByRole("textbox", { name: "Path on port 9000" });
  await path.fill("status?a=b");
  await path.press("Enter");
  await expect(framed(page, 9000)).toHaveText("second /status?a=b");
  await type(page, "kill %1; wait; echo stopped-$((1+1))", /stopped-2/);
  await expect(page.getByRole("button", { name: "Show port 9000 beside the terminal" })).toBeHidden();
  await page.getByRole("button", { name: "Load the page again" }).click();
  await expect(page.getByText("Nothing answers on port 9000.")).toBeVisible();
  await type(page, `${serve} echo started-$((2+2))`, /started-4/);
  await expect(framed(page, 9000)).toHaveText("second /status?a=b");

  // On a phone it stands in the terminal's place.
  await page.setViewportSize({ width: 390, height: 844 });
  await page.getByRole("navigation").getByRole("button", { name: "Session" }).click();
  await expect(framed(page, 9000)).toBeVisible();
  await expect(page.locator(".xterm:visible")).toHaveCount(0);
  await page.getByRole("button", { name: "Back to the terminal" }).click();
  await expect(screen(page)).toContainText("started-4");
  await page.setViewportSize({ width: 1440, height: 900 });

  const opened = context.waitForEvent("page");
  await page.getByRole("button", { name: "Open port 8080 in a new tab" }).click();
  const preview = await opened;
  await expect(preview.locator("body")).toContainText(/you've hit/);
  await context.clearCookies({ name: /slipway-preview/ });
  await preview.goto(new URL("/some/where?a=b", preview.url()).href);
  await expect(preview.locator("body")).toContainText(/you've hit/);
  expect(new URL(preview.url()).pathname).toBe("/some/where");
  await preview.close();
  await stop(page);
});
