import type { Socket as NetSocket } from "node:net";
import {
  GATEWAY_SOCKET_PATH,
  INPUT_CHUNK_BYTES,
  OUTPUT_WINDOW_BYTES,
  PROTOCOL_VERSION,
} from "@slipway/protocol";
import { describe, expect, test } from "vitest";
import type { Terminal } from "../terminal/terminal.ts";
import {
  Browser,
  browser,
  live,
  open,
  port,
  publicUrl,
  session,
  tickets,
} from "./terminal-browser-fixture.ts";
import { makeTicketFixture } from "./ticket-fixture.ts";

describe("a browser with a ticket to drive", () => {
  test("types, sees the answer, resizes and sees the end", async () => {
    const terminal = await open(
      "sh",
      "-c",
      "stty -echo; echo ready; read line; echo got $line; stty size; exit 7",
    );
    const page = await browser(terminal);
    const reply = await page.attach();
    expect(reply).toMatchObject({ ok: true, attached: { size: { rows: 24, cols: 80 }, role: "drive" } });
    await page.until(() => page.text.includes("ready"));
    page.socket.emit("resize", { rows: 40, cols: 100 });
    page.type("it\n");
    await page.until(() => page.exit !== null);
    expect(page.text).toBe("ready\r\ngot it\r\n40 100\r\n");
    expect(page.exit).toEqual({ exitCode: 7 });
    expect(page.sizes).toEqual([]);
  });

  test("that comes back gets exactly the rest", async () => {
    const terminal = await open("sh", "-c", "stty -echo; echo one; read line; echo two; sleep 100");
    const first = await browser(terminal);
    await first.attach();
    await first.until(() => first.text === "one\r\n");
    first.socket.disconnect();
    terminal.write(Buffer.from("\n"));
    const second = await browser(terminal);
    expect(await second.attach(first.next)).toMatchObject({ ok: true, attached: { start: 5 } });
    await second.until(() => second.text === "two\r\n");
  });

  test("is connected for as long as its ticket is good, and comes back with another", async () => {
    const terminal = await open("cat");
    const page = await browser(terminal, "drive", -3);
    await page.attach();
    page.type("before\n");
    await page.until(() => page.text.includes("before"));
    await page.until(() => !page.socket.connected);
    const again = await browser(terminal);
    await again.attach(page.next);
    again.type("after\n");
    await again.until(() => again.text.includes("after"));
    expect(again.text).not.toContain("before");
  });

  test("has input that it repeats taken once", async () => {
    const page = await browser(await open("sh", "-c", "stty -echo; echo ready; cat"));
    await page.attach();
    await page.until(() => page.text.includes("ready"));
    for (const id of [5, 5, 4, 6]) page.socket.emit("input", { id, data: Buffer.from(`${id}\n`) });
    await page.until(() => page.text.includes("6"));
    expect(page.text).toBe("ready\r\n5\r\n6\r\n");
  });

  test("gets 3 MB exact and in order while it acknowledges, and one window when it does not", async () => {
    const flood = ["sh", "-c", "stty -opost; seq 1 400000"];
    const expected = Array.from({ length: 400_000 }, (_, line) => `${line + 1}\n`).join("");
    const page = await browser(await open(...flood));
    await page.attach();
    await page.until(() => page.exit !== null);
    // What came before the page attached and was no longer kept is not in its text.
    expect(expected.endsWith(page.text)).toBe(true);
    expect(page.next).toBe(expected.length);

    const silent = await browser(await open("sh", "-c", "stty -opost; sleep 0.3; seq 1 400000"));
    silent.acknowledges = false;
    await silent.attach();
    await silent.until(() => silent.bytes >= OUTPUT_WINDOW_BYTES);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(silent.bytes).toBe(OUTPUT_WINDOW_BYTES);
    expect(silent.exit).toBeNull();
  });
});

describe("a browser with a ticket to view", () => {
  test("sees what a driver does and can neither type nor resize", async () => {
    const terminal = await open("sh", "-c", "stty -echo; echo ready; cat");
    const [viewer, driver] = [await browser(terminal, "view"), await browser(terminal)];
    expect(await viewer.attach()).toMatchObject({ ok: true, attached: { role: "view" } });
    await driver.attach();
    viewer.type("from the viewer\n");
    viewer.socket.emit("resize", { rows: 5, cols: 5 });
    await viewer.until(() => viewer.text === "ready\r\n");
    driver.type("from the driver\n");
    driver.socket.emit("resize", { rows: 30, cols: 90 });
    await viewer.until(() => viewer.text.includes("driver") && viewer.sizes.length > 0);
    expect(viewer.text).not.toContain("from the viewer");
    expect(viewer.sizes).toEqual([{ rows: 30, cols: 90 }]);
  });
});

/** Browsers that the gateway counts. */
async function gatewayConnections(): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return Number(/^slipway_terminal_connections ([0-9]+)$/m.exec(metrics)?.[1]);
}

describe("the door", () => {
  const auth = async (grant: Record<string, unknown> = {}, options = {}) => ({
    protocolVersion: PROTOCOL_VERSION,
    ticket: await tickets.sign(
      { right: "terminal", session, terminal: "terminal1", role: "drive", ...grant },
      options,
    ),
  });

  test("refuses an expired ticket as expired", async () => {
    const expired = new Browser(await auth({}, { expiresIn: -30 })).connected();
    await expect(expired).rejects.toMatchObject({ code: "ticket-expired" });
  });

  test("refuses tickets that are forged, for something else, or missing", async () => {
    const forger = await makeTicketFixture();
    const wrong = [
      {
        ...(await auth()),
        ticket: await forger.sign({ right: "terminal", session, terminal: "terminal1", role: "drive" }),
      },
      await auth({ right: "port", port: 80 }),
      await auth({ session: "session2" }),
      await auth({}, { issuer: "someone" }),
      { protocolVersion: PROTOCOL_VERSION },
      {},
    ];
    for (const each of wrong) {
      await expect(new Browser(each).connected(), JSON.stringify(each)).rejects.toMatchObject({
        code: "ticket-invalid",
      });
    }
  });

  test("refuses another version of the protocol", async () => {
    const old = new Browser({ ...(await auth()), protocolVersion: PROTOCOL_VERSION + 1 }).connected();
    await expect(old).rejects.toMatchObject({ code: "protocol-version" });
  });

  test("refuses pages of other origins", async () => {
    const foreign = new Browser(await auth(), { origin: "http://8080-session1.localhost:3000" }).connected();
    await expect(foreign).rejects.toMatchObject({ code: "refused" });
  });

  test("lets an attach wait for a terminal that is still being launched", async () => {
    let launched: (terminal: Terminal) => void = () => {};
    live.set("launching", new Promise<Terminal>((resolve) => (launched = resolve)));
    const page = await new Browser(await auth({ terminal: "launching" })).connected();
    const attached = page.attach();
    launched(await open("echo", "here at last"));
    expect(await attached).toMatchObject({ ok: true });
    await page.until(() => page.text.includes("here at last"));
  });

  test("says when there is no such terminal", async () => {
    const page = await new Browser(await auth({ terminal: "terminal999" })).connected();
    expect(await page.attach()).toMatchObject({ ok: false, error: { code: "terminal-missing" } });
  });

  test.each([
    ["attach", { next: -1 }],
    ["attach", null],
    ["input", { id: "1", data: Buffer.from("x") }],
    ["input", { id: 1, data: "text" }],
    ["input", { id: 1, data: Buffer.alloc(INPUT_CHUNK_BYTES + 1) }],
    ["resize", { rows: 0, cols: 80 }],
    ["resize", { rows: 1e9, cols: 80 }],
    ["acknowledge", { sequence: 1.5 }],
  ])("ends a connection that says %s wrongly", async (event, message) => {
    const page = await browser(await open("cat"));
    await page.attach();
    const ended = new Promise((resolve) => page.socket.once("disconnect", resolve));
    page.socket.emit(event, message);
    await ended;
  });

  test("ends a connection that attaches twice", async () => {
    const page = await browser(await open("cat"));
    await page.attach();
    const ended = new Promise((resolve) => page.socket.once("disconnect", resolve));
    void page.attach();
    await ended;
  });

  test("ends a connection that acknowledges output which it does not read", async () => {
    const terminal = await open("sh", "-c", "sleep 0.5; yes");
    const page = await browser(terminal);
    await page.attach();
    const engine = page.socket.io.engine;
    const ended = new Promise((resolve) => engine.once("close", resolve));
    const connection = Reflect.get(engine.transport, "ws")._socket as NetSocket;
    connection.pause();
    const lie = setInterval(() => page.socket.emit("acknowledge", { sequence: Number.MAX_SAFE_INTEGER }), 1);
    const closed = new Promise((resolve) => connection.once("close", resolve));
    try {
      await expect.poll(gatewayConnections, { timeout: 20_000 }).toBe(0);
    } finally {
      clearInterval(lie);
      connection.resume();
    }
    await Promise.race([ended, closed]);
    terminal.write(Buffer.from("\x03"));
  });

  test("takes no other transport than websocket", async () => {
    const headers = { origin: publicUrl };
    const polling = `http://127.0.0.1:${port}${GATEWAY_SOCKET_PATH}/?EIO=4&transport=polling`;
    expect((await fetch(polling, { headers })).status).toBe(400);
  });
});
