import { type BrowserContext, expect, type Page, test } from "@playwright/test";
import { build, editor, launch, newPlayground, stop, write } from "./journey.ts";

test.use({ locale: "en-US" });

/** A program whose every answer tries to reach beyond its own origin. */
const PROGRAM = `require('http').createServer((request, response) => {
  response.setHeader('Set-Cookie', ['tossed=1; Domain=localhost; Path=/', 'slipway.session_token=evil; Domain=localhost; Path=/', 'slipway-preview=evil; Path=/']);
  response.setHeader('Clear-Site-Data', '"*"');
  response.setHeader('Strict-Transport-Security', 'max-age=999999; includeSubDomains');
  if (request.url === '/alone') response.setHeader('X-Frame-Options', 'SAMEORIGIN');
  const script = request.url === '/worker.js';
  response.setHeader('Content-Type', script ? 'text/javascript' : 'text/html');
  response.end(script ? 'addEventListener("fetch", (event) => event.respondWith(new Response("hijacked")))' : '<h1>hostile</h1>' + (request.headers.cookie ?? ''));
}).listen(8080)`.replaceAll(/\n\s*/g, " ");
const DOCKERFILE = `FROM node\nEXPOSE 8080\nCMD ${JSON.stringify(["node", "-e", PROGRAM])}\n`;

let context: BrowserContext;
let app: Page;
let preview: Page;

test.beforeAll(async ({ browser }) => {
  context = await browser.newContext();
  app = await context.newPage();
  await newPlayground(app);
  await write(app, DOCKERFILE);
  await build(app);
  await launch(app);
  const opened = context.waitForEvent("page");
  await app.getByRole("button", { name: "Open port 8080 in a new tab" }).click();
  preview = await opened;
  await expect(preview.locator("h1")).toHaveText("hostile");
});
test.afterAll(async () => {
  await preview.close();
  await stop(app);
  await context.close();
});

/** After each attack the app is as it was, for the same person. */
test.afterEach(async () => {
  await app.reload();
  await expect(editor(app)).toContainText("FROM node");
});

const appOrigin = () => new URL(app.url()).origin;

async function appCookies() {
  const cookies = await context.cookies(appOrigin());
  return cookies.map(({ name, value, domain }) => ({ name, value, domain }));
}

test("a previewed page gets no ticket to see, in its address, its cookies or its requests", async () => {
  expect(preview.url()).not.toContain("ticket");
  expect(await preview.evaluate(() => document.cookie)).not.toContain("slipway-preview");
  await preview.reload();
  await expect(preview.locator("body")).not.toContainText("slipway-preview");
  expect(await preview.evaluate(() => document.referrer)).not.toContain("ticket");
});

test("a previewed page reaches none of the app's cookies: not by reading, tossing, clearing or crowding out", async () => {
  const before = await appCookies();
  expect(before.length).toBeGreaterThan(0);
  const seen = await preview.evaluate(() => {
    const toss = (cookie: string) => Reflect.set(document, "cookie", cookie);
    for (const domain of ["localhost", ".localhost"]) {
      toss(`slipway.session_token=evil; Domain=${domain}; Path=/`);
      toss(`slipway-preview=evil; Domain=${domain}; Path=/`);
      for (let count = 0; count < 400; count++) {
        toss(`crowd${domain}${count}=x; Domain=${domain}; Path=/`);
      }
    }
    return document.cookie;
  });
  expect(seen).not.toMatch(/session_token=(?!evil)/);
  await preview.reload();
  expect(await appCookies()).toEqual(before);
});

test("a previewed page can neither read the app's answers nor change anything by them", async () => {
  const outcomes = await preview.evaluate(async (origin) => {
    const ask = (path: string, init: RequestInit) =>
      fetch(origin + path, { credentials: "include", ...init }).then(
        ({ status }) => `read ${status}`,
        () => "refused",
      );
    return await Promise.all([
      ask("/trpc/account.me", {}),
      ask("/trpc/account.enter", { method: "POST", body: "{}" }),
      ask("/trpc/account.enter", {
        method: "POST",
        body: "{}",
        headers: { "content-type": "application/json" },
      }),
      ask("/gateway/socket.io/", {}),
    ]);
  }, appOrigin());
  expect(outcomes).toEqual(Array(4).fill("refused"));
});

test("a previewed page opens no WebSocket to terminals", async () => {
  const session = new URL(preview.url()).host.split(".")[0]?.split("-")[1];
  const outcome = await preview.evaluate(
    (address) =>
      new Promise((resolve) => {
        const socket = new WebSocket(address);
        socket.onopen = () => resolve("open");
        socket.onerror = () => resolve("refused");
      }),
    `${appOrigin().replace("http", "ws")}/gateway/socket.io/?session=${session}&EIO=4&transport=websocket`,
  );
  expect(outcome).toBe("refused");
});

test("a previewed page has no hold of the app's window, and can't frame it", async () => {
  expect(await preview.evaluate(() => window.opener)).toBeNull();
  await preview.evaluate((address) => {
    const frame = document.createElement("iframe");
    frame.src = address;
    document.body.append(frame);
  }, app.url());
  await expect.poll(() => preview.frames().at(-1)?.url()).toMatch(/^chrome-error:/);
  await preview.reload();
});

test("a previewed page beside the terminal neither leads the app away nor sees or plants what is ours, and may refuse to be there", async () => {
  const [before, address] = [await appCookies(), app.url()];
  await app.getByRole("button", { name: "Show port 8080 beside the terminal" }).click();
  const page = app.frameLocator('iframe[title="Page on port 8080"]');
  await expect(page.locator("h1")).toHaveText("hostile");
  await expect(page.locator("body")).not.toContainText("slipway-preview");
  const inside = app.frames().find((frame) => frame.url().includes("//8080-"));
  if (inside === undefined) throw new Error("there is no frame");
  const seen = await inside.evaluate((evil) => {
    for (const name of ["__Host-slipway-preview-framed", "slipway-preview", "slipway.session_token"])
      for (const rest of ["Domain=localhost; Path=/", "Path=/; Secure; SameSite=None; Partitioned"])
        Reflect.set(document, "cookie", `${name}=evil; ${rest}`);
    const outcome = (reach: () => unknown) => {
      try {
        return String(reach());
      } catch {
        return "refused";
      }
    };
    const reached = [
      outcome(() => window.top?.document.title),
      outcome(() => window.top?.location.replace(evil)),
      outcome(() => window.parent.localStorage.length),
    ];
    return { reached, told: [document.referrer, window.location.href, document.cookie].join(" ") };
  }, new URL("/alone", preview.url()).href);
  expect(seen.reached).toEqual(["refused", "refused", "refused"]);
  expect(seen.told).not.toMatch(/ticket|eyJ/);
  expect(app.url()).toBe(address);
  expect(await appCookies()).toEqual(before);
  await inside.evaluate(() => window.location.reload());
  await expect(page.locator("h1")).toHaveText("hostile");

  const path = app.getByRole("textbox", { name: "Path on port 8080" });
  await path.fill("/alone");
  await path.press("Enter");
  await expect(app.getByText("This page does not want to be shown inside of another one.")).toBeVisible();
  const opened = context.waitForEvent("page");
  await app.getByRole("button", { name: "Open in a new tab", exact: true }).click();
  const alone = await opened;
  await expect(alone.locator("h1")).toHaveText("hostile");
  await alone.close();
  await app.getByRole("button", { name: "Close the preview" }).click();
  await expect(app.getByRole("button", { name: "Show port 8080 beside the terminal" })).toBeFocused();
});

test("a service worker of a previewed page rules its own origin and no other", async () => {
  await preview.evaluate(async () => {
    await navigator.serviceWorker.register("/worker.js", { scope: "/" });
    await navigator.serviceWorker.ready;
  });
  await preview.reload();
  await expect(preview.locator("body")).toHaveText("hijacked");
  await app.reload();
  await expect(editor(app)).toContainText("FROM node");
  await preview.evaluate(async () => {
    for (const one of await navigator.serviceWorker.getRegistrations()) await one.unregister();
  });
  await preview.reload();
  await expect(preview.locator("h1")).toHaveText("hostile");
});

test("names that somebody else lets point here are neither the app nor a preview", async () => {
  const { host, port } = new URL(preview.url());
  for (const name of [`rebound.localhost:${port}`, `x.${host}`, `1${host}`]) {
    const answer = await preview.goto(`http://${name}/`).catch(() => null);
    expect(answer?.status() ?? 0).not.toBe(200);
  }
  await preview.goto(`http://${host}/`);
  await expect(preview.locator("h1")).toHaveText("hostile");
});

test("an owner whose ticket is gone gets a new one on the way, without noticing", async () => {
  await context.clearCookies({ name: "slipway-preview" });
  await preview.goto(new URL("/deep?a=b", preview.url()).href);
  await expect(preview.locator("h1")).toHaveText("hostile");
  expect(preview.url()).toMatch(/\/deep\?a=b$/);
});
