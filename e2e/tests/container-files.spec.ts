import { readFile } from "node:fs/promises";
import { AxeBuilder } from "@axe-core/playwright";
import { expect, type Page, test } from "@playwright/test";
import { build, launch, newPlayground, screen, stop, type } from "./journey.ts";

test.use({ locale: "en-US", viewport: { width: 1440, height: 900 } });

const dialogOf = (page: Page) => page.getByRole("dialog", { name: "Files in the container" });

/** Drags a file of this name over the page, and lets it go on what is offered there. */
async function drop(page: Page, name: string, content: string): Promise<void> {
  const transfer = await page.evaluateHandle(
    (file) => {
      const made = new DataTransfer();
      made.items.add(new File([file.content], file.name));
      return made;
    },
    { name, content },
  );
  const area = page.getByRole("group", { name: "Let go to put it into the container" });
  // As long as something is held over it, a browser says so again and again.
  await expect(async () => {
    await page.locator(".xterm:visible").dispatchEvent("dragover", { dataTransfer: transfer });
    await area.dispatchEvent("drop", { dataTransfer: transfer }, { timeout: 300 });
  }).toPass();
}

test("files go into the container where the shell is, and come out again, whatever they are called", async ({
  page,
}) => {
  await newPlayground(page);
  await build(page);
  await launch(page);
  await type(page, "mkdir -p /srv/in; cd /srv/in; echo moved-$((40+2))", /moved-42/);
  await drop(page, "<img src=x onerror=alert(1)>.txt", "dropped");
  const dialog = dialogOf(page);
  await expect(dialog.getByRole("status")).toHaveText("1 file of 1 put into /srv/in");
  await expect(dialog.getByRole("list", { name: "Files in /srv/in" })).toContainText(
    "<img src=x onerror=alert(1)>.txt",
  );

  const chooser = page.waitForEvent("filechooser");
  await dialog.getByRole("button", { name: "Upload files" }).click();
  await (await chooser).setFiles([
    { name: "one.bin", mimeType: "application/octet-stream", buffer: Buffer.alloc(3_000_000, 7) },
    { name: "두 번째.txt", mimeType: "text/plain", buffer: Buffer.from("second") },
  ]);
  await expect(dialog.getByRole("status")).toHaveText("2 files of 2 put into /srv/in");
  const { violations } = await new AxeBuilder({ page }).include("[role=dialog]").analyze();
  expect(violations.map(({ id }) => id)).toEqual([]);

  const download = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download one.bin" }).click();
  const saved = await download;
  expect(saved.suggestedFilename()).toBe("one.bin");
  expect((await readFile(await saved.path())).equals(Buffer.alloc(3_000_000, 7))).toBe(true);
  await dialog.getByRole("button", { name: "To the folder above" }).click();
  await expect(dialog.getByRole("list", { name: "Files in /srv" })).toContainText("in");
  const folder = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Download in" }).click();
  expect((await folder).suggestedFilename()).toBe("in.tar");

  await dialog.getByRole("textbox", { name: "Folder in the container" }).fill("/no/such/place");
  await dialog.getByRole("button", { name: "Open", exact: true }).click();
  await expect(dialog.getByRole("alert")).toHaveText("/no/such/place is not in the container.");
  await page.keyboard.press("Escape");
  await type(page, "cat *.txt; wc -c < one.bin", /droppedsecond3000000/);
  await expect(screen(page)).toBeVisible();
  await stop(page);
});
