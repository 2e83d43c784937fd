import { PREVIEW_COOKIE, previewHost } from "@slipway/protocol";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { DOMAIN, GatewayFixture, neighbour, PUBLIC_URL, session } from "./gateway-fixture.ts";

// A slow machine is no failure.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });

let fixture: GatewayFixture;

beforeAll(async () => {
  fixture = await GatewayFixture.open();
});
afterAll(() => fixture.close());

interface Asked {
  /** What the container says besides. */
  readonly says?: readonly string[];
  /** What the browser says besides. */
  readonly sends?: readonly string[];
  readonly framed?: boolean;
}

/** The head of the answer that a browser gets, in small letters, and what the container was asked. */
async function answerTo({ says = [], sends = [], framed = false }: Asked) {
  const fields = says.map((line) => `${line}\r\n`).join("");
  const container = await fixture.container((socket) =>
    socket.end(`HTTP/1.1 200 OK\r\nContent-Length: 5\r\n${fields}\r\nhello`),
  );
  const ticket = await fixture.tickets.sign({ right: "port", session, port: container.port });
  const host = previewHost(container.port, session, DOMAIN);
  const name = framed ? `__Host-${PREVIEW_COOKIE}-framed` : PREVIEW_COOKIE;
  const lines = [
    `Host: ${host}`,
    `Cookie: ${name}=${ticket}`,
    "Accept: text/html",
    "Connection: close",
    ...sends.map((line) => line.replace("HOST", host)),
  ];
  const answer = await fixture.exchange(`GET / HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`);
  const head = (answer.split("\r\n\r\n", 1)[0] ?? "").toLowerCase();
  const fieldsOf = (field: string) =>
    head
      .split("\r\n")
      .flatMap((line) => (line.startsWith(`${field}: `) ? [line.slice(field.length + 2)] : []));
  return { head, answer, fieldsOf, heard: container.heard[0] ?? "", host };
}

const FRAME = ["Sec-Fetch-Dest: iframe", "Sec-Fetch-Mode: navigate", "Sec-Fetch-Site: same-origin"];

describe("who may frame a preview", () => {
  test("is Slipway's own page and the preview itself", async () => {
    const { fieldsOf } = await answerTo({});
    expect(fieldsOf("content-security-policy")).toEqual([`frame-ancestors 'self' ${PUBLIC_URL}`]);
  });

  test("is also the page of the same session that asks, and no other session's", async () => {
    const [mine, other] = [session, neighbour].map((owner) => `http://${previewHost(81, owner, DOMAIN)}`);
    const asked = await answerTo({ sends: [`Referer: ${mine}/a?b`] });
    expect(asked.fieldsOf("content-security-policy")).toEqual([
      `frame-ancestors 'self' ${PUBLIC_URL} ${mine}`,
    ]);
    const foreign = await answerTo({ sends: [`Referer: ${other}/`] });
    expect(foreign.fieldsOf("content-security-policy")).toEqual([`frame-ancestors 'self' ${PUBLIC_URL}`]);
  });

  test.each<[string, string, string[]]>([
    ["X-Frame-Options: DENY", "'none'", []],
    ["X-Frame-Options: SameOrigin", "'self'", []],
    ["X-Frame-Options: sameorigin, DENY", "'none'", []],
    ["X-Frame-Options: ALLOW-FROM https://a.example", `'self' ${PUBLIC_URL}`, []],
    [
      "Content-Security-Policy: default-src *; frame-ancestors 'none'",
      `'self' ${PUBLIC_URL}`,
      ["default-src *; frame-ancestors 'none'"],
    ],
  ])("is nobody whom the app does not want: %s", async (line, ours, own) => {
    const { fieldsOf } = await answerTo({ says: [line] });
    expect(fieldsOf("content-security-policy")).toEqual([...own, `frame-ancestors ${ours}`]);
  });
});

describe("a page in the pane", () => {
  test.each([
    ["X-Frame-Options: DENY"],
    ["X-Frame-Options: SAMEORIGIN"],
    ["Content-Security-Policy: default-src 'self', FRAME-ANCESTORS 'self'"],
    ["Content-Security-Policy: frame-ancestors"],
    ["Content-Security-Policy: frame-ancestors https: localhost http://localhost:3001 *.localhost:3000"],
  ])("that does not want to be there is not shown, and the pane is told: %s", async (line) => {
    const { answer, fieldsOf } = await answerTo({ says: [line], sends: FRAME, framed: true });
    expect(answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(fieldsOf("x-slipway-error")).toEqual(["frame-refused"]);
    expect(answer).toContain(`{"slipwayPreview":{"code":"frame-refused"}}, "${PUBLIC_URL}"`);
    expect(answer).not.toContain("hello");
  });

  test.each([
    ["X-Frame-Options: ALLOWALL"],
    ["Content-Security-Policy: frame-ancestors *"],
    ["Content-Security-Policy: frame-ancestors http:"],
    ["Content-Security-Policy: frame-ancestors localhost:*"],
    ["Content-Security-Policy: frame-ancestors 'self' http://localhost:3000"],
    ["Content-Security-Policy-Report-Only: frame-ancestors 'none'"],
  ])("that does not mind is shown: %s", async (line) => {
    expect((await answerTo({ says: [line], sends: FRAME, framed: true })).answer).toMatch(/^HTTP\/1\.1 200 /);
  });

  test("is known where it is the same site, by the page that it begins with, which the app never sees", async () => {
    const sends = [...FRAME, "Referer: http://HOST/.slipway/entered?to=%2F"];
    const refused = await answerTo({ says: ["X-Frame-Options: DENY"], sends });
    expect(refused.answer).toMatch(/^HTTP\/1\.1 403 /);
    expect(refused.heard.toLowerCase()).not.toContain("referer");
    const later = await answerTo({ sends: [...FRAME, "Referer: http://HOST/first"] });
    expect(later.heard).toContain(`referer: http://${later.host}/first`);
  });

  test("keeps the app's cookies, which a tab has as the app says", async () => {
    const says = ["Set-Cookie: id=1; Path=/; SameSite=Lax"];
    const framed = await answerTo({ says, framed: true });
    expect(framed.fieldsOf("set-cookie")).toEqual(["id=1; path=/; samesite=none; secure; partitioned"]);
    const tab = await answerTo({ says });
    expect(tab.fieldsOf("set-cookie")).toEqual(["id=1; path=/; samesite=lax"]);
  });
});

test("a frame of the app's own in a tab is the app's business", async () => {
  const sends = [...FRAME, "Referer: http://HOST/page"];
  const { answer, fieldsOf } = await answerTo({ says: ["X-Frame-Options: SAMEORIGIN"], sends });
  expect(answer).toMatch(/^HTTP\/1\.1 200 /);
  expect(fieldsOf("content-security-policy")).toEqual(["frame-ancestors 'self'"]);
});
