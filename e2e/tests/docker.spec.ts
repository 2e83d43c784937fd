import path from "node:path";
import { expect, type Page, test } from "@playwright/test";
import { dockerClients, OwnMachine, startTlsFront } from "./docker-client.ts";
import { editor, launch, screen, stop, type } from "./journey.ts";

const pictures = path.resolve(import.meta.dirname, "../../test-results/pictures");
/** The first build of this template on a machine makes its base image from Debian's packages. */
const MAKING_MS = 6 * 60_000;

test.use({ locale: "en-US", viewport: { width: 1440, height: 900 } });

const tab = (page: Page, name: string) => page.getByRole("tab", { name, exact: true });

test("a Docker host: docker commands in a terminal, and what they make on the page", async ({
  page,
  context,
}) => {
  test.setTimeout(MAKING_MS + 3 * 60_000);
  await page.goto("/");
  await page.getByRole("button", { name: "Open Docker host", exact: true }).click();
  await page.waitForURL(/\/p\/[a-z0-9]+$/);
  await expect(editor(page)).toContainText("FROM docker-host");
  await page.getByRole("button", { name: "Build", exact: true }).click();
  const launchable = page.getByRole("button", { name: "Launch", exact: true });
  await expect(launchable).toBeEnabled({ timeout: MAKING_MS });
  await launch(page);

  await type(page, 'docker run busybox echo "Hello world" | tr a-z A-Z', /HELLO WORLD/);
  await type(
    page,
    "clear; docker build -q -t hello hello && docker run -dp 8080:8080 --name web hello && echo started-$((40+2))",
    /started-42/,
  );
  await type(page, "docker-compose version --short; ps aux | grep [a]pp.js | wc -l", /1\.\d+\.\d+\s*1/);

  // A port that docker published is a port of the session.
  const opened = context.waitForEvent("page");
  await page.getByRole("button", { name: "Open port 8080" }).click();
  const preview = await opened;
  await expect(preview.locator("body")).toContainText(/you've hit [0-9a-f]{12}/);
  await preview.close();

  await tab(page, "Docker").click();
  const row = page
    .getByRole("row")
    .filter({ has: page.getByRole("rowheader", { name: "web", exact: true }) });
  await expect(row).toContainText("Running");
  await expect(row).toContainText("8080 → 8080/tcp");
  await expect(page.getByRole("rowheader", { name: "hello:latest" })).toBeVisible();
  await page.screenshot({ path: path.join(pictures, "docker.png") });
  // What docker built is an image like any other: its layers can be looked into.
  await page.getByRole("button", { name: "Look into the layers of hello:latest" }).click();
  const look = page.getByRole("dialog");
  await expect(look.getByRole("combobox", { name: "Image" })).toContainText(
    "hello:latest, of docker in this session",
  );
  await look.getByRole("treeitem", { name: /app\.js/ }).click();
  await expect(look.getByRole("region", { name: "Content of the file" })).toContainText("you've hit");
  await expect(look.getByText("Working out what each layer does")).toHaveCount(0);
  await page.screenshot({ path: path.join(pictures, "docker-layers.png") });
  await look.getByRole("tab", { name: "What its config says" }).click();
  await expect(look.getByText("app.js").first()).toBeVisible();
  await page.keyboard.press("Escape");
  await tab(page, "Processes").click();
  await expect(page.getByRole("table", { name: "Container web" })).toContainText("node app.js");
  await tab(page, "Docker").click();

  await page.getByRole("button", { name: "Open a terminal in web" }).click();
  await expect(tab(page, "web")).toHaveAttribute("data-state", "active");
  await expect(screen(page)).toContainText(/root@[0-9a-f]{12}:\/#/);
  await type(page, "ls /app.js && hostname", /\/app\.js\s*[0-9a-f]{12}/);

  await tab(page, "Docker").click();
  await page.getByRole("button", { name: "Show the commands" }).click();
  const commands = await page.getByLabel("Commands for your machine").inputValue();
  await fromOwnMachine(commands);
  await page.getByRole("button", { name: "Take addresses back" }).click();
  await expect(page.getByText("Taken back: no address of before lets anybody in.")).toBeVisible();
  await page.screenshot({ path: path.join(pictures, "docker-address.png") });
  await refused(commands);
  await tab(page, "Session").click();

  // What ends in the terminal ends on the page.
  await tab(page, "Main process").click();
  await type(page, "clear; docker rm -f web", /web/);
  await expect(page.getByRole("button", { name: "Open port 8080" })).toHaveCount(0);
  await stop(page);
});

/** The commands of the page, typed on a machine of one's own: with each client that there is, and once over TLS. */
async function fromOwnMachine(commands: string): Promise<void> {
  const [create = "", list = ""] = commands.split("\n");
  const context = /--context (\S+)/.exec(list)?.[1] ?? "";
  for (const client of dockerClients()) {
    const machine = new OwnMachine(client);
    try {
      await machine.line(create);
      expect(await machine.line(list)).toMatch(/0\.0\.0\.0:8080->8080\/tcp\s+web/);
      const docker = (args: readonly string[], input?: string) =>
        machine.docker(["--context", context, ...args], input);
      // Streams that are taken over, with an end of input in the middle.
      expect(await docker(["run", "--rm", "-i", "busybox", "cat"], "there and back\n")).toBe(
        "there and back\n",
      );
      expect(await docker(["exec", "-i", "web", "wc", "-c"], "12345")).toBe("5\n");
      expect(await docker(["logs", "web"])).toContain("server starting...");
      expect(await docker(["build", "-q", "-"], "FROM busybox\nRUN true\n")).toMatch(/^sha256:/);
    } finally {
      machine.forget();
    }
  }
  await overTls(create, list);
}

/** An address that was taken back lets nobody in. */
async function refused(commands: string): Promise<void> {
  const [create = "", list = ""] = commands.split("\n");
  const [client = ""] = dockerClients();
  const machine = new OwnMachine(client);
  try {
    await machine.line(create);
    await expect(machine.line(list)).rejects.toThrow(/not valid any more/);
  } finally {
    machine.forget();
  }
}

async function overTls(create: string, list: string): Promise<void> {
  const [client = ""] = dockerClients();
  const machine = new OwnMachine(client);
  const port = Number(/tcp:\/\/[^:]+:(\d+)/.exec(create)?.[1]);
  const front = await startTlsFront(port, machine.directory);
  try {
    await machine.line(
      create.replace(`:${port}/`, `:${front.port}/`).replace(/"$/, `,ca=${front.certificate}"`),
    );
    expect(await machine.line(list)).toContain("web");
    const context = /--context (\S+)/.exec(list)?.[1] ?? "";
    const said = await machine.docker(["--context", context, "exec", "-i", "web", "cat"], "over TLS\n");
    expect(said).toBe("over TLS\n");
  } finally {
    front.stop();
    machine.forget();
  }
}
