import { PassThrough, Readable } from "node:stream";
import { exportPath, SlipwayError } from "@slipway/protocol";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { GatewayFixture, neighbour, session } from "./gateway-fixture.ts";

// A slow machine is no failure.
vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000, expect: { poll: { timeout: 30_000 } } });

let fixture: GatewayFixture;
let source: () => Promise<Readable>;

beforeEach(async () => {
  source = async () => Readable.from([Buffer.from("tar")]);
  fixture = await GatewayFixture.open({ files: { exportChanges: () => source() } });
});
afterEach(() => fixture.close());

const grant = { right: "export", session } as const;

async function fetchExport(ticket: string, { method = "GET", owner = session as string } = {}) {
  const path = `${exportPath(owner)}?${new URLSearchParams({ ticket })}`;
  return await fetch(`http://127.0.0.1:${fixture.port}${path}`, { method });
}

test("an export is a file to save, and nothing that a browser shows or runs", async () => {
  const answer = await fetchExport(await fixture.tickets.sign(grant));
  expect(answer.status).toBe(200);
  expect(Object.fromEntries(answer.headers)).toMatchObject({
    "content-type": "application/x-tar",
    "content-disposition": `attachment; filename="${session}.tar"`,
    "content-security-policy": "sandbox; default-src 'none'",
    "x-content-type-options": "nosniff",
    "cache-control": "no-store",
    "referrer-policy": "no-referrer",
  });
  expect(await answer.text()).toBe("tar");
});

test("an export needs a ticket for exports of this very session", async () => {
  const others = [
    "",
    await fixture.tickets.sign({ ...grant, session: neighbour }),
    await fixture.tickets.sign({ right: "port", session, port: 80 }),
    await fixture.tickets.sign({ right: "terminal", session, terminal: "terminal1", role: "drive" }),
  ];
  for (const ticket of others) {
    const answer = await fetchExport(ticket);
    expect(answer.status).toBe(401);
    expect(await answer.json()).toMatchObject({ error: { code: "ticket-invalid" } });
  }
  const late = await fetchExport(await fixture.tickets.sign(grant, { expiresIn: -30 }));
  expect(await late.json()).toMatchObject({ error: { code: "ticket-expired" } });
  expect((await fetchExport(await fixture.tickets.sign(grant), { method: "POST" })).status).toBe(400);
  expect((await fetchExport(await fixture.tickets.sign(grant), { owner: "..%2f.." })).status).toBe(404);
});

test("an export that can't begin says why, and nothing of this machine", async () => {
  source = () => Promise.reject(new SlipwayError("session-files-gone", "Nothing is kept."));
  const gone = await fetchExport(await fixture.tickets.sign(grant));
  expect(gone.status).toBe(410);
  expect(await gone.json()).toMatchObject({ error: { code: "session-files-gone", fault: "user" } });
  source = () => Promise.reject(new Error("ENOENT /var/lib/slipway/secret"));
  const broken = await fetchExport(await fixture.tickets.sign(grant));
  expect(broken.status).toBe(500);
  expect(await broken.text()).not.toContain("/var/lib");
});

test("an export that breaks is never taken for whole", async () => {
  source = async () => {
    const stream = new PassThrough();
    stream.write("half");
    setTimeout(() => stream.destroy(new Error("the disk broke")), 50);
    return stream;
  };
  const answer = await fetchExport(await fixture.tickets.sign(grant));
  await expect(answer.text()).rejects.toThrow();
});

test("a browser that goes away ends the reading, and gives its place to others", async () => {
  const streams: PassThrough[] = [];
  source = async () => {
    const stream = new PassThrough();
    stream.write("first");
    streams.push(stream);
    return stream;
  };
  const ticket = await fixture.tickets.sign(grant);
  const open = [await fetchExport(ticket), await fetchExport(ticket)];
  const third = await fetchExport(ticket);
  expect(third.status).toBe(429);
  await third.body?.cancel();
  for (const answer of open) await answer.body?.cancel();
  await expect.poll(() => streams.every((stream) => stream.destroyed)).toBe(true);
  await expect
    .poll(async () => {
      const again = await fetchExport(ticket);
      await again.body?.cancel();
      return again.status;
    })
    .toBe(200);
});

test("an export is read no faster than the browser takes it", async () => {
  let read = 0;
  const chunk = Buffer.alloc(1024 * 1024);
  source = async () =>
    new Readable({
      read() {
        read += chunk.length;
        this.push(read > 256 * chunk.length ? null : chunk);
      },
    });
  const answer = await fetchExport(await fixture.tickets.sign(grant));
  let last = -1;
  await expect
    .poll(
      () => {
        const same = read === last;
        last = read;
        return same;
      },
      { interval: 300, timeout: 10_000 },
    )
    .toBe(true);
  expect(read).toBeLessThan(64 * chunk.length);
  await answer.body?.cancel();
});
