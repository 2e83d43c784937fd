import { INPUT_CHUNK_BYTES, OUTPUT_WINDOW_BYTES, recordingPath } from "@slipway/protocol";
import { describe, expect, test } from "vitest";
import { browser, live, open, port, session, terminals, tickets } from "./terminal-browser-fixture.ts";

describe("input of a page", () => {
  const counting = ["sh", "-c", "stty -echo; echo ready; while read line; do echo got $line; done"];

  test("that is sent again after a reconnect is taken once, and told as taken", async () => {
    const terminal = await open(...counting);
    const client = "the-same-page-over-all-connections";
    const first = await browser(terminal, "drive", 60, client);
    await first.attach();
    for (const id of [0, 1]) first.socket.emit("input", { id, data: Buffer.from(`${id}\n`) });
    await first.until(() => first.text.includes("got 1") && first.taken === 1);
    first.socket.disconnect();
    const second = await browser(terminal, "drive", 60, client);
    await second.attach(first.next);
    for (const id of [0, 1, 2]) second.socket.emit("input", { id, data: Buffer.from(`${id}\n`) });
    await second.until(() => second.text.includes("got 2") && second.taken === 2);
    expect(first.text + second.text).toBe("ready\r\ngot 0\r\ngot 1\r\ngot 2\r\n");
  });

  test("that is sent again after a restart of the worker is taken once", async () => {
    const terminal = await open(...counting);
    const client = "the-same-page-over-all-restarts";
    const page = await browser(terminal, "drive", 60, client);
    await page.attach();
    page.socket.emit("input", { id: 7, data: Buffer.from("run\n") });
    await page.until(() => page.text.includes("got run"));
    await terminals.release();
    const adopted = await terminals.adopt(terminal.id);
    if (adopted === null) throw new Error("the terminal is gone");
    live.set(terminal.id, adopted);
    const again = await browser(adopted, "drive", 60, client);
    await again.attach(page.next);
    for (const id of [7, 8]) again.socket.emit("input", { id, data: Buffer.from(`run ${id}\n`) });
    await again.until(() => again.text.includes("got run 8"));
    expect(again.text).toBe("got run 8\r\n");
  });

  test("beyond the window ends the connection of that page, and no other's", async () => {
    const terminal = await open("sh", "-c", "stty raw -echo; echo ready; sleep 100");
    const [flooder, other] = [await browser(terminal), await browser(terminal)];
    await flooder.attach();
    await other.attach();
    const ended = new Promise((resolve) => flooder.socket.once("disconnect", resolve));
    for (let id = 0; id < 8; id++) {
      flooder.socket.emit("input", { id, data: Buffer.alloc(INPUT_CHUNK_BYTES, "x") });
    }
    await ended;
    expect(other.socket.connected).toBe(true);
  });
});

describe("several drivers", () => {
  test("give the terminal the size of the last one that typed or resized", async () => {
    const terminal = await open("sh", "-c", "stty -echo; echo ready; while read line; do stty size; done");
    const [large, small] = [await browser(terminal), await browser(terminal)];
    await large.attach();
    await small.attach();
    large.socket.emit("resize", { rows: 50, cols: 200 });
    await small.until(() => small.sizes.at(-1)?.cols === 200);
    small.socket.emit("resize", { rows: 20, cols: 60 });
    await large.until(() => large.sizes.at(-1)?.cols === 60);
    large.type("\n");
    await large.until(() => large.text.includes("50 200") && large.sizes.at(-1)?.cols === 200);
    await small.until(() => small.sizes.at(-1)?.cols === 200);
    small.type("\n");
    await small.until(() => small.text.includes("20 60"));
  });

  test("answer a question of the program once: only the one that leads is heard", async () => {
    const terminal = await open("sh", "-c", "stty raw -echo; echo ready; cat");
    const [leader, other] = [await browser(terminal), await browser(terminal)];
    await leader.attach();
    await other.attach();
    leader.type("k");
    await other.until(() => other.text.endsWith("k"));
    other.socket.emit("input", { id: 0, data: Buffer.from("\u001b[?1;2c"), reply: true });
    await other.until(() => other.taken === 0);
    leader.socket.emit("input", { id: 1, data: Buffer.from("\u001b[0n"), reply: true });
    await leader.until(() => leader.text.endsWith("\u001b[0n"));
    expect(leader.text).not.toContain("1;2c");
  });
});

describe("a recording", () => {
  const fetchCast = (id: string, ticket: string) =>
    fetch(`http://127.0.0.1:${port}${recordingPath(session, id)}`, {
      headers: { authorization: `Bearer ${ticket}` },
    });
  const ticketFor = (terminal: string, role: string) =>
    tickets.sign({ right: "terminal", session, terminal, role });

  test("is made by who drives, told to all, and fetched with a ticket of the terminal", async () => {
    const terminal = await open("sh", "-c", "stty -echo; echo ready; read line; echo got $line; sleep 100");
    const [driver, viewer] = [await browser(terminal), await browser(terminal, "view")];
    await driver.attach();
    await viewer.attach();
    driver.socket.emit("record", { action: "start" });
    await viewer.until(() => viewer.recordings.at(-1)?.active === true);
    driver.type("it\n");
    await viewer.until(() => viewer.text.includes("got it"));
    driver.socket.emit("record", { action: "stop" });
    await viewer.until(() => viewer.recordings.at(-1)?.active === false);
    const answer = await fetchCast(terminal.id, await ticketFor(terminal.id, "view"));
    expect(answer.status).toBe(200);
    expect(answer.headers.get("content-type")).toBe("application/x-asciicast");
    expect(await answer.text()).toContain("got it");
  });

  test("is neither begun nor ended by who only watches", async () => {
    const terminal = await open("sh", "-c", "stty -echo; echo ready; cat");
    const [viewer, driver] = [await browser(terminal, "view"), await browser(terminal)];
    await viewer.attach();
    await driver.attach();
    viewer.socket.emit("record", { action: "start" });
    viewer.type("x");
    driver.type("seen\n");
    await viewer.until(() => viewer.text.includes("seen"));
    expect(terminal.recording).toBeNull();
  });

  test("is not given out without a ticket of this very terminal", async () => {
    const terminal = await open("sleep", "100");
    await terminal.record({ action: "start" });
    const good = await ticketFor(terminal.id, "view");
    const wrong = [
      fetchCast(terminal.id, ""),
      fetchCast(terminal.id, await ticketFor("terminal9999", "drive")),
      fetchCast(terminal.id, await tickets.sign({ right: "port", session, port: 80 })),
      fetchCast("terminal9999", good),
    ];
    for (const answer of await Promise.all(wrong)) expect(answer.status).toBe(401);
    const none = await open("sleep", "100");
    expect((await fetchCast(none.id, await ticketFor(none.id, "view"))).status).toBe(404);
    expect((await fetchCast(`${terminal.id}/../x`, good)).status).toBe(404);
  });
});

describe("an output flood", () => {
  test("before a viewer that does not draw neither fills the worker nor keeps another terminal waiting", async () => {
    const flood = await open("sh", "-c", "sleep 0.2; cat /dev/urandom | base64");
    const other = await open("sh", "-c", "stty raw -echo; echo ready; cat");
    const [stalled, quick, typist] = [
      await browser(flood),
      await browser(flood, "view"),
      await browser(other),
    ];
    stalled.acknowledges = false;
    await Promise.all([stalled.attach(), quick.attach(), typist.attach()]);
    await stalled.until(() => stalled.bytes >= OUTPUT_WINDOW_BYTES);
    const before = process.memoryUsage.rss();
    for (let key = 0; key < 200; key++) {
      typist.type(`<${key}>`);
      await typist.until(() => typist.text.endsWith(`<${key}>`));
    }
    expect(stalled.bytes).toBe(OUTPUT_WINDOW_BYTES);
    expect(process.memoryUsage.rss() - before).toBeLessThan(64 * 1024 * 1024);
  });
});
