import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";
import { afterAll, beforeAll, expect, test } from "vitest";
import { openStage, type PlayedBrowser, type Stage } from "../test-stage.ts";
import { OIDC_CALLBACK } from "./auth.ts";

const PUBLIC_URL = "http://localhost:3000";
const MOST_REDIRECTS = 10;

let provider: Server;
let door: Server;
let stage: Stage;

async function serve(listener: (url: string) => RequestListener): Promise<[Server, string]> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  server.on("request", listener(url));
  return [server, url];
}

const addressOf = (server: Server): string => `http://127.0.0.1:${(server.address() as AddressInfo).port}`;

beforeAll(async () => {
  const [server, issuer] = await serve((url) =>
    new Provider(url, {
      clients: [
        { client_id: "slipway", client_secret: "secret", redirect_uris: [`${PUBLIC_URL}${OIDC_CALLBACK}`] },
      ],
      claims: { openid: ["sub"], email: ["email", "email_verified"], profile: ["name"] },
      conformIdTokenClaims: false,
      findAccount: (_context, id) => ({
        accountId: id,
        claims: () => ({ sub: id, email: `${id}@example.org`, email_verified: true, name: "Ann" }),
      }),
    }).callback(),
  );
  provider = server;
  stage = await openStage({
    SLIPWAY_PUBLIC_URL: PUBLIC_URL,
    SLIPWAY_OIDC_ISSUER: issuer,
    SLIPWAY_OIDC_CLIENT_ID: "slipway",
    SLIPWAY_OIDC_CLIENT_SECRET: "secret",
    SLIPWAY_OIDC_NAME: "Harbour",
  });
  [door] = await serve(() => (request, response) => {
    void stage.controlPlane.authHandler(request, response);
  });
});
afterAll(async () => {
  for (const server of [door, provider]) {
    server?.closeAllConnections();
    server?.close();
  }
  await stage?.close();
});

/** What a person does at the provider: signs in, agrees, and is sent back to us with this address. */
async function agree(start: string, login: string): Promise<URL> {
  const cookies = new Map<string, string>();
  let url = new URL(start);
  let body: URLSearchParams | null = null;
  for (let redirects = 0; redirects < MOST_REDIRECTS && !url.href.startsWith(PUBLIC_URL); redirects += 1) {
    const prompt = url.pathname.startsWith("/interaction/");
    if (prompt && body === null) {
      const page = await (await fetch(url, { headers: { cookie: shown(cookies) } })).text();
      body = new URLSearchParams({
        prompt: page.includes('value="login"') ? "login" : "consent",
        login,
        password: "any",
      });
    }
    const answer = await fetch(url, {
      redirect: "manual",
      headers: { cookie: shown(cookies) },
      ...(body && { method: "POST", body }),
    });
    body = null;
    for (const cookie of answer.headers.getSetCookie()) {
      const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(cookie) ?? [];
      cookies.set(name, value);
    }
    url = new URL(answer.headers.get("location") ?? "", url);
  }
  return url;
}

const shown = (cookies: ReadonlyMap<string, string>): string =>
  [...cookies].map(([name, value]) => `${name}=${value}`).join("; ");

/** The browser comes back from the provider. Answers where it is sent on to. */
async function comeBack(browser: PlayedBrowser, back: URL): Promise<string> {
  const answer = await fetch(`${addressOf(door)}${back.pathname}${back.search}`, {
    redirect: "manual",
    headers: { ...browser.headers },
  });
  browser.take(answer.headers.getSetCookie());
  return answer.headers.get("location") ?? "";
}

async function signIn(browser: PlayedBrowser, login: string): Promise<string> {
  const { url } = await browser.call.account.startOidc({ to: "/playgrounds" });
  return await comeBack(browser, await agree(url, login));
}

test("a guest who signs in at the provider takes their playgrounds along, and finds them from another browser", async () => {
  const browser = stage.browser();
  await browser.call.account.enter();
  const { id } = await browser.call.playground.create({});
  expect(await browser.call.account.ways()).toEqual({ oidc: "Harbour" });
  expect(await signIn(browser, "ann")).toMatch(/\/playgrounds$/);
  const person = await browser.call.account.me();
  expect(person).toMatchObject({ guest: false, name: "Ann", email: "ann@example.org" });
  expect((await browser.call.playground.list()).map((playground) => playground.id)).toEqual([id]);

  const other = stage.browser();
  await signIn(other, "ann");
  expect((await other.call.account.me())?.id).toBe(person?.id);
  expect((await other.call.playground.list()).map((playground) => playground.id)).toEqual([id]);
});

test("somebody else at the provider is somebody else here", async () => {
  const browser = stage.browser();
  await signIn(browser, "bob");
  expect(await browser.call.account.me()).toMatchObject({ email: "bob@example.org" });
  expect(await browser.call.playground.list()).toEqual([]);
});

test("an answer of the provider is good in the browser that asked, once, and as it was given", async () => {
  const browser = stage.browser();
  const { url } = await browser.call.account.startOidc({ to: "/playgrounds" });
  const back = await agree(url, "eve");
  const stranger = stage.browser();
  await comeBack(stranger, back);
  expect(await stranger.call.account.me()).toBeNull();

  const forged = new URL(back);
  forged.searchParams.set("state", "forged");
  expect(await comeBack(browser, forged)).toMatch(/\/account\?error=/);
  expect(await browser.call.account.me()).toBeNull();
});
