import { sessionIdSchema, terminalIdSchema } from "@slipway/protocol";
import { SignJWT } from "jose";
import { beforeAll, describe, expect, test, vi } from "vitest";
import { makeTicketFixture, type TicketFixture } from "./ticket-fixture.ts";
import { TicketVerifier } from "./tickets.ts";

let tickets: TicketFixture;
let others: TicketFixture;
const grant = {
  right: "terminal",
  session: sessionIdSchema.parse("session1"),
  terminal: terminalIdSchema.parse("terminal1"),
  role: "drive",
} as const;

beforeAll(async () => {
  tickets = await makeTicketFixture();
  others = await makeTicketFixture();
});

function verifier(): TicketVerifier {
  const made = new TicketVerifier();
  made.setKey(tickets.publicKey);
  return made;
}

describe("a ticket", () => {
  test("is taken with what it grants, again and again", async () => {
    const checks = verifier();
    const ticket = await tickets.sign(grant);
    for (let time = 0; time < 3; time++) expect((await checks.verify(ticket)).grant).toEqual(grant);
  });

  test("that has expired is refused as such", async () => {
    const ticket = await tickets.sign(grant, { expiresIn: -30 });
    await expect(verifier().verify(ticket)).rejects.toMatchObject({ code: "ticket-expired" });
  });

  test("that was remembered is refused once it has expired", async () => {
    const checks = verifier();
    const ticket = await tickets.sign(grant, { expiresIn: 1 });
    await checks.verify(ticket);
    vi.useFakeTimers({ toFake: ["Date"], now: Date.now() + 60_000 });
    try {
      await expect(checks.verify(ticket)).rejects.toMatchObject({ code: "ticket-expired" });
    } finally {
      vi.useRealTimers();
    }
  });

  test("of a clock that differs a little is taken, one of the future is not", async () => {
    const checks = verifier();
    for (const times of [{ expiresIn: -3 }, { issuedIn: 3 }])
      expect((await checks.verify(await tickets.sign(grant, times))).grant).toEqual(grant);
    const future = [
      await tickets.sign(grant, { issuedIn: 30, expiresIn: 90 }),
      await tickets.sign({ ...grant, nbf: Math.floor(Date.now() / 1000) + 30 }),
    ];
    for (const ticket of future)
      await expect(checks.verify(ticket)).rejects.toMatchObject({ code: "ticket-invalid" });
  });

  test("grants what it says and nothing that is written beside it", async () => {
    const ticket = await tickets.sign({ ...grant, port: 80, admin: true, rights: ["export"] });
    expect((await verifier().verify(ticket)).grant).toEqual(grant);
    const view = await tickets.sign({ ...grant, role: "view" });
    expect((await verifier().verify(view)).grant).toEqual({ ...grant, role: "view" });
  });
});

describe("a forged ticket", () => {
  const now = () => Math.floor(Date.now() / 1000);
  const header = JSON.stringify({ alg: "EdDSA" });
  const claims = (changes: Record<string, unknown> = {}) =>
    JSON.stringify({ ...grant, iss: "slipway", iat: now(), exp: now() + 60, ...changes });
  const base64 = (text: string) => Buffer.from(text).toString("base64url");
  const symmetric = (secret: Uint8Array) =>
    new SignJWT({ ...grant })
      .setProtectedHeader({ alg: "HS256" })
      .setIssuer("slipway")
      .setIssuedAt()
      .setExpirationTime("1m")
      .sign(secret);
  const parts = async () => (await tickets.sign(grant)).split(".");

  const forgeries: Record<string, () => Promise<string>> = {
    "of another key": () => others.sign(grant),
    "of another issuer": () => tickets.sign(grant, { issuer: "someone" }),
    "of a right that there is not": () => tickets.sign({ ...grant, right: "everything" }),
    "of a role that there is not": () => tickets.sign({ ...grant, role: "own" }),
    "of a session that is a path": () => tickets.sign({ ...grant, session: "../../etc" }),
    "of a port that there is not": () =>
      tickets.sign({ right: "port", session: grant.session, port: 70_000 }),
    "of a port that is a text": () => tickets.sign({ right: "port", session: grant.session, port: "80" }),
    "without an end": () => tickets.signText(header, claims({ exp: undefined })),
    "whose end is a text": () => tickets.signText(header, claims({ exp: "tomorrow" })),
    "without a beginning": () => tickets.signText(header, claims({ iat: undefined })),
    "without a signature": async () => `${base64('{"alg":"none"}')}.${base64(claims())}.`,
    "with a signature of none": async () => {
      const [, , signature] = await parts();
      return `${base64('{"alg":"None"}')}.${base64(claims())}.${signature}`;
    },
    "with the public key as a secret": () => symmetric(Buffer.from(tickets.publicKey.x, "base64url")),
    "with the public key's text as a secret": () =>
      symmetric(Buffer.from(JSON.stringify(tickets.publicKey).padEnd(32))),
    "that brings its own key": async () => {
      const brought = JSON.stringify({ alg: "EdDSA", jwk: others.publicKey, kid: "../../dev/null" });
      return others.signText(brought, claims());
    },
    "with a critical field that nobody knows": () =>
      tickets.signText(JSON.stringify({ alg: "EdDSA", crit: ["x"], x: 1 }), claims()),
    "of another ticket's claims": async () => {
      const [head, , signature] = await parts();
      return [head, base64(claims({ session: "session2" })), signature].join(".");
    },
    "with a claim twice": async () => {
      const [head, , signature] = await parts();
      return [head, base64(claims().replace("{", '{"role":"drive",')), signature].join(".");
    },
    "with a cut signature": async () => (await tickets.sign(grant)).slice(0, -8),
    "with nothing but dots": async () => "..",
    "with bytes that are no base64": async () => "\u0000.\ud800.%",
    "of nothing": async () => "",
    "as an unsecured serialization": async () =>
      JSON.stringify({ payload: base64(claims()), signatures: [] }),
    "that is huge": async () => `${await tickets.sign(grant)}${"A".repeat(10_000_000)}`,
  };

  test.each(Object.keys(forgeries))("%s is refused", async (name) => {
    const ticket = (await forgeries[name]?.()) ?? "";
    const checks = verifier();
    await expect(checks.verify(ticket)).rejects.toMatchObject({ code: "ticket-invalid" });
    // A second time too, when something might have been remembered.
    await expect(checks.verify(ticket)).rejects.toMatchObject({ code: "ticket-invalid" });
  });

  test("with a claim twice and a real signature means what the last one says, as for whoever signed it", async () => {
    const twice = claims({ role: "view" }).replace("{", '{"role":"drive",');
    const { grant: taken } = await verifier().verify(await tickets.signText(header, twice));
    expect(taken).toMatchObject({ role: "view" });
  });
});

describe("the key", () => {
  test("may come after the ticket", async () => {
    const checks = new TicketVerifier();
    const verifying = checks.verify(await tickets.sign(grant));
    checks.setKey(tickets.publicKey);
    expect((await verifying).grant).toEqual(grant);
  });

  test("of another control plane makes earlier tickets invalid", async () => {
    const checks = verifier();
    const ticket = await tickets.sign(grant);
    await checks.verify(ticket);
    checks.setKey(others.publicKey);
    await expect(checks.verify(ticket)).rejects.toMatchObject({ code: "ticket-invalid" });
  });
});
