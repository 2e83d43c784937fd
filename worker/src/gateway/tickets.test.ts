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

  test("that is forged in any way is refused", async () => {
    const unsigned = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${(await tickets.sign(grant)).split(".")[1]}.`;
    const symmetric = await new SignJWT({ ...grant })
      .setProtectedHeader({ alg: "HS256" })
      .setIssuer("slipway")
      .setExpirationTime("1m")
      .sign(Buffer.from(tickets.publicKey.x, "base64url"));
    const [head, , signature] = (await tickets.sign(grant)).split(".");
    const [, payload] = (await tickets.sign({ ...grant, session: "session2" })).split(".");
    const forged = [
      await others.sign(grant),
      await tickets.sign(grant, { issuer: "someone" }),
      await tickets.sign({ ...grant, right: "everything" }),
      await tickets.sign({ ...grant, session: "../../etc" }),
      [head, payload, signature].join("."),
      unsigned,
      symmetric,
      "",
      "a.b.c",
    ];
    for (const ticket of forged) {
      await expect(verifier().verify(ticket), ticket).rejects.toMatchObject({ code: "ticket-invalid" });
    }
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
