import { text } from "node:stream/consumers";
import { dockerPath, sessionIdSchema } from "@slipway/protocol";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MOST_PER_SESSION } from "./docker-door.ts";
import { GatewayFixture, session } from "./gateway-fixture.ts";

/** What reached the session's own server: path and session. */
const reached: string[] = [];
/** Answers wait for it. */
let held: Promise<void> = Promise.resolve();
let fixture: GatewayFixture;
beforeAll(async () => {
  fixture = await GatewayFixture.open({
    docker: {
      request: async (id, request, response) => {
        reached.push(`${id} ${request.url} ${await text(request)}`);
        await held;
        response.end("answered");
      },
      upgrade: async (id, request, socket, head) => {
        reached.push(`${id} ${request.url} ${head}`);
        socket.end("HTTP/1.1 101 UPGRADED\r\n\r\nraw");
      },
    },
  });
});
afterAll(() => fixture.close());

const ticketFor = (grant: object, expiresIn = 60) => fixture.tickets.sign({ ...grant }, { expiresIn });
const url = (owner: string, ticket: string, path = "/v1.41/info") =>
  `http://127.0.0.1:${fixture.port}${dockerPath(owner, ticket)}${path}`;

test("a client with a ticket reaches its session, which never sees the ticket", async () => {
  const ticket = await ticketFor({ right: "docker", session });
  const answer = await fetch(url(session, ticket, "/v1.41/build?q=1"), { method: "POST", body: "context" });
  expect(await answer.text()).toBe("answered");
  expect(answer.headers.get("content-security-policy")).toContain("sandbox");
  expect(reached.splice(0)).toEqual([`${session} /v1.41/build?q=1 context`]);
});

test("an upgrade is handed over with what came behind it", async () => {
  const ticket = await ticketFor({ right: "docker", session });
  const path = `${dockerPath(session, ticket)}/v1.41/containers/x/attach`;
  const head = `POST ${path} HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n`;
  expect(await fixture.exchange(head)).toMatch(/^HTTP\/1.1 101 UPGRADED\r\n\r\nraw$/);
  expect(reached.splice(0)).toEqual([`${session} /v1.41/containers/x/attach `]);
});

test("nobody else gets to it: no ticket, another right, another session, a ticket that is over, a page of a browser", async () => {
  const other = sessionIdSchema.parse("sother12345");
  const good = await ticketFor({ right: "docker", session });
  const refusals: readonly [string, number, Record<string, string>][] = [
    [url(session, "nothing"), 401, {}],
    [url(session, await ticketFor({ right: "export", session })), 401, {}],
    [url(session, await ticketFor({ right: "docker", session: other })), 401, {}],
    [url(other, good), 401, {}],
    [url(session, await ticketFor({ right: "docker", session }, -60)), 401, {}],
    [url("A", good), 404, {}],
    [url(session, good), 403, { origin: "http://localhost:3000" }],
    [url(session, good), 403, { "sec-fetch-site": "same-origin" }],
  ];
  for (const [address, status, headers] of refusals) {
    const answer = await fetch(address, { headers });
    expect([address.slice(0, 60), answer.status]).toEqual([address.slice(0, 60), status]);
  }
  const upgrade = "Host: localhost\r\nConnection: Upgrade\r\nUpgrade: tcp\r\n\r\n";
  const refused = await fixture.exchange(`POST ${dockerPath(session, "nothing")}/x HTTP/1.1\r\n${upgrade}`);
  expect(refused).toMatch(/^HTTP\/1.1 401 /);
  expect(reached).toEqual([]);
});

test("so many requests of a session are open at a time, and one more is told so until another is over", async () => {
  const ticket = await ticketFor({ right: "docker", session });
  const waiting: Promise<string>[] = [];
  let release = () => {};
  held = new Promise((resolve) => {
    release = resolve;
  });
  for (let number = 0; number < MOST_PER_SESSION; number += 1)
    waiting.push(fetch(url(session, ticket, "/wait")).then((answer) => answer.text()));
  await expect.poll(() => reached.length).toBe(MOST_PER_SESSION);
  expect((await fetch(url(session, ticket))).status).toBe(429);
  release();
  expect(new Set(await Promise.all(waiting))).toEqual(new Set(["answered"]));
  await expect.poll(async () => (await fetch(url(session, ticket))).status).toBe(200);
});
