import { createServer, type Server } from "node:net";
import { MAX_REPORTED_PORTS } from "@slipway/protocol";
import { afterEach, describe, expect, test } from "vitest";
import { listeningPorts, parseListeningPorts, socketCounts } from "./listening-ports.ts";

const head =
  "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const tail = "00000000:00000000 00:00000000 00000000     0        0 12345 1 0000000000000000 100 0 0 10 0";
const line = (local: string, state: string, remote = "00000000:0000") =>
  `   0: ${local} ${remote} ${state} ${tail}`;
const six = (local: string, state: string) => line(local, state, `${"0".repeat(32)}:0000`);

describe("the parser", () => {
  test("finds listening sockets and no others", () => {
    const table = [head, line("00000000:1F90", "0A"), line("0200600A:1F91", "01", "0100600A:D431"), ""].join(
      "\n",
    );
    expect(parseListeningPorts(table)).toEqual([{ port: 8080, loopbackOnly: false }]);
  });

  test.each([
    ["127.0.0.1", line("0100007F:1F90", "0A"), true],
    ["127.9.8.7", line("0708097F:1F90", "0A"), true],
    ["0.0.0.0", line("00000000:1F90", "0A"), false],
    ["100.96.0.2", line("02006064:1F90", "0A"), false],
    ["::", six(`${"0".repeat(32)}:1F90`, "0A"), false],
    ["::1", six("00000000000000000000000001000000:1F90", "0A"), true],
    ["::ffff:127.0.0.1", six("0000000000000000FFFF00000100007F:1F90", "0A"), true],
    ["::ffff:100.96.0.2", six("0000000000000000FFFF000002006064:1F90", "0A"), false],
  ])("knows whether %s is loopback", (_, table, loopbackOnly) => {
    expect(parseListeningPorts(table)).toEqual([{ port: 8080, loopbackOnly }]);
  });

  test("takes a port for reachable when one of its sockets is", () => {
    const table = [
      line("0100007F:1F90", "0A"),
      line("00000000:1F90", "0A"),
      line("0100007F:1F90", "0A"),
    ].join("\n");
    expect(parseListeningPorts(table)).toEqual([{ port: 8080, loopbackOnly: false }]);
  });

  test("keeps the lowest ports of too many", () => {
    const ports = Array.from({ length: 500 }, (_, index) => 2000 - index);
    const table = ports.map((port) =>
      line(`00000000:${port.toString(16).toUpperCase().padStart(4, "0")}`, "0A"),
    );
    const found = parseListeningPorts(table.join("\n"));
    expect(found).toHaveLength(MAX_REPORTED_PORTS);
    expect(found[0]?.port).toBe(1501);
  });

  test("overlooks lines that are cut or garbage", () => {
    const cut = line("00000000:1F90", "0A").slice(0, 20);
    expect(parseListeningPorts(`${head}\n${cut}\nnonsense\n\0\n`)).toEqual([]);
  });
});

describe("a process", () => {
  const servers: Server[] = [];
  afterEach(() => {
    for (const server of servers) server.close();
  });

  test("has the ports of its network namespace", async () => {
    const server = createServer();
    servers.push(server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : undefined;
    expect(await listeningPorts(process.pid)).toContainEqual({ port, loopbackOnly: true });
  });

  test("has more sockets when it listens on one more", async () => {
    const counts = () => socketCounts(process.pid).split(" ").map(Number);
    const some = Array.from({ length: 50 }, () => createServer());
    servers.push(...some);
    const before = counts();
    for (const server of some) await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    // Others on this machine open and close some too.
    expect((counts()[0] ?? 0) - (before[0] ?? 0)).toBeGreaterThan(25);
  });

  test("that does not exist is an error", async () => {
    await expect(listeningPorts(2 ** 22 + 1)).rejects.toThrow("ENOENT");
    expect(() => socketCounts(2 ** 22 + 1)).toThrow("ENOENT");
  });
});
