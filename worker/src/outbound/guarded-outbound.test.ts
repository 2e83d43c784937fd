import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { boundedBody } from "./bounded-body.ts";
import { type OutboundOptions, openOutbound } from "./guarded-outbound.ts";
import { headerOf, type Outbound, type OutboundRequest, RATE_WINDOW_MS } from "./outbound.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function listening(server: Server, address = "127.0.0.1"): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  closing.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

const serve = async (handler: Handler, address?: string) =>
  `http://127.0.0.1:${await listening(createServer(handler), address)}/`;

function open(options: Partial<OutboundOptions> = {}): Outbound {
  const outbound = openOutbound({
    openedAddresses: ["127.0.0.1"],
    refusedAddresses: [],
    trustedHosts: new Set(),
    allowsPlainHttp: () => true,
    connectMs: 1000,
    ...options,
  });
  closing.push(() => outbound.close());
  return outbound;
}

const LIMITS: OutboundRequest["limits"] = {
  headersMs: 1000,
  idleMs: 1000,
  totalMs: null,
  minBytesPerSecond: 0,
  maxBytes: 1_000_000,
  maxRedirects: 3,
};
const asking = (request: Partial<OutboundRequest> = {}): OutboundRequest => ({
  limits: LIMITS,
  signal: new AbortController().signal,
  ...request,
});

async function read(outbound: Outbound, url: string, request: Partial<OutboundRequest> = {}) {
  const response = await outbound.request(new URL(url), asking(request));
  const chunks: Uint8Array[] = [];
  for await (const chunk of response.body) chunks.push(chunk);
  return { response, text: Buffer.concat(chunks).toString() };
}

describe("a destination that a stranger chose", () => {
  test("is read, with where it was found after redirects", async () => {
    const end = await serve((request, response) => response.end(`at ${request.url}`));
    const start = await serve((_, response) => response.writeHead(302, { location: `${end}there` }).end());
    const { response, text } = await read(open(), start);
    expect(text).toBe("at /there");
    expect(response.url.href).toBe(`${end}there`);
  });

  test.each(["http://127.0.0.1/", "http://[::1]/", "http://[::ffff:127.0.0.1]/", "http://169.254.169.254/"])(
    "is not asked at the refused address %s",
    async (url) => {
      const outbound = open({ openedAddresses: [] });
      await expect(read(outbound, url)).rejects.toMatchObject({ reason: "address-refused" });
    },
  );

  test.each(["http://2130706433/", "http://0x7f.1/", "http://127.1/"])(
    "is refused in disguise: %s",
    async (url) => {
      const outbound = open({ openedAddresses: [] });
      await expect(read(outbound, url)).rejects.toMatchObject({ reason: "address-refused" });
    },
  );

  test("is refused where its name means a refused address", async () => {
    const outbound = open({ openedAddresses: [] });
    await expect(read(outbound, "http://localhost:1/")).rejects.toMatchObject({ reason: "address-refused" });
  });

  test("gains nothing from a name that changes its meaning: it is looked up once, and that address is used", async () => {
    const port = new URL(await serve((_, response) => response.end("the checked one"), "127.0.0.2")).port;
    let lookups = 0;
    const outbound = open({
      openedAddresses: ["127.0.0.2"],
      resolve: async () => {
        lookups += 1;
        return [{ address: lookups === 1 ? "127.0.0.2" : "127.0.0.1", family: 4 }];
      },
    });
    expect((await read(outbound, `http://rebinding.test:${port}/`)).text).toBe("the checked one");
    expect(lookups).toBe(1);
  });

  test("with one good and one refused address is asked at the good one only", async () => {
    let asked = 0;
    const server = createServer((_, response) => {
      asked += 1;
      response.end();
    });
    const port = await listening(server, "127.0.0.1");
    const outbound = open({
      openedAddresses: ["127.0.0.2"],
      resolve: async () => ["127.0.0.2", "127.0.0.1"].map((address) => ({ address, family: 4 })),
    });
    await expect(read(outbound, `http://two.test:${port}/`)).rejects.toMatchObject({ reason: "unreachable" });
    expect(asked).toBe(0);
  });

  test("that nobody knows is no host", async () => {
    const resolve = () => Promise.reject(Object.assign(new Error("getaddrinfo"), { code: "ENOTFOUND" }));
    await expect(read(open({ resolve }), "http://nobody.test/")).rejects.toThrow("no such host");
  });

  test.each([
    ["a refused address", "http://127.0.0.3:1/", "address-refused"],
    ["a link-local address", "http://169.254.169.254/latest/meta-data", "address-refused"],
    ["another scheme", "file:///etc/passwd", "url-refused"],
    ["a URL with a password", "http://a:b@127.0.0.1/", "url-refused"],
    ["what is no URL", "http://[", "redirect-invalid"],
  ])("may not redirect to %s", async (_, location, reason) => {
    const url = await serve((_, response) => response.writeHead(307, { location }).end());
    await expect(read(open(), url)).rejects.toMatchObject({ reason });
  });

  test("may not redirect from the guarded to the clear where that is not allowed", async () => {
    const url = await serve((_, response) => response.end());
    const outbound = open({ allowsPlainHttp: () => false });
    await expect(read(outbound, url)).rejects.toMatchObject({ reason: "url-refused" });
  });

  test("may not redirect for ever", async () => {
    let asked = 0;
    const url = await serve((_, response) => {
      asked += 1;
      response.writeHead(302, { location: "/again" }).end();
    });
    await expect(read(open(), url)).rejects.toMatchObject({ reason: "too-many-redirects" });
    expect(asked).toBe(LIMITS.maxRedirects + 1);
  });

  test("gets no password that belongs to another origin", async () => {
    const seen: (string | undefined)[] = [];
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization);
      response.end();
    });
    const own = await serve((request, response) => {
      seen.push(request.headers.authorization);
      const location = request.url === "/" ? "/mine" : other;
      response.writeHead(302, { location }).end();
    });
    await read(open(), own, { authorization: "Basic c2VjcmV0" });
    expect(seen).toEqual(["Basic c2VjcmV0", "Basic c2VjcmV0", undefined]);
  });

  test("may not send bytes without an end", async () => {
    const url = await serve((_, response) => {
      const more = () => {
        while (!response.destroyed && response.write(Buffer.alloc(65_536)));
      };
      response.on("drain", more);
      more();
    });
    await expect(read(open(), url)).rejects.toMatchObject({ reason: "too-large" });
  });

  test("may not send headers without an end", async () => {
    const url = await serve((_, response) => {
      for (let index = 0; index < 50; index += 1) response.setHeader(`x-${index}`, "x".repeat(1000));
      response.end();
    });
    await expect(read(open(), url)).rejects.toMatchObject({ reason: "too-large" });
  });

  test("may not keep the headers back", async () => {
    const url = await serve(() => {});
    await expect(read(open(), url)).rejects.toMatchObject({ reason: "stalled" });
  });

  test("may not let the headers drip", async () => {
    const url = await serve((_, response) => {
      response.socket?.write("HTTP/1.1 200 OK\r\n");
      const timer = setInterval(() => response.socket?.write("x: y\r\n"), 100);
      response.socket?.on("close", () => clearInterval(timer));
    });
    await expect(read(open({ connectMs: 300 }), url)).rejects.toMatchObject({ reason: "stalled" });
  });

  test("is left in no time when nobody wants the body, however long that takes to come", async () => {
    const url = await serve((_, response) => void response.writeHead(404).write("a"));
    const response = await open().request(new URL(url), asking({ limits: { ...LIMITS, idleMs: 60_000 } }));
    const started = performance.now();
    await response.discard();
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test("may not keep the body back", async () => {
    const url = await serve((_, response) => response.write("a"));
    await expect(read(open(), url)).rejects.toMatchObject({ reason: "stalled" });
  });

  test("may not take longer in all than allowed", async () => {
    const url = await serve((_, response) => {
      const timer = setInterval(() => response.write("a"), 50);
      response.on("close", () => clearInterval(timer));
    });
    const limits = { ...LIMITS, totalMs: 300 };
    await expect(read(open(), url, { limits })).rejects.toMatchObject({ reason: "stalled" });
  });

  test("that breaks off is told apart from one that is not there", async () => {
    const url = await serve((_, response) => {
      response.writeHead(200, { "content-length": "10" });
      response.write("a", () => response.socket?.resetAndDestroy());
    });
    await expect(read(open(), url)).rejects.toMatchObject({ reason: "reset", passing: true });
    const gone = open({ openedAddresses: ["127.0.0.1"] });
    await expect(read(gone, "http://127.0.0.1:1/")).rejects.toMatchObject({ reason: "unreachable" });
  });

  test("is left at once when nobody wants it any more", async () => {
    const url = await serve((_, response) => response.write("a"));
    const controller = new AbortController();
    const reason = new Error("cancelled");
    setTimeout(() => controller.abort(reason), 50);
    await expect(read(open(), url, { signal: controller.signal })).rejects.toBe(reason);
  });

  test("may not drip: the least rate counts the time of waiting, not that of a slow reader", async () => {
    let clock = 0;
    async function* dripping(waitMs: number) {
      for (let index = 0; index < 10; index += 1) {
        clock += waitMs;
        yield Buffer.alloc(1000);
      }
    }
    const limits = { maxBytes: 100_000, minBytesPerSecond: 1000 };
    const drain = async (waitMs: number, readerMs: number) => {
      for await (const _ of boundedBody(dripping(waitMs), "host", limits, () => clock)) clock += readerMs;
    };
    await expect(drain(RATE_WINDOW_MS / 5, 0)).rejects.toMatchObject({ reason: "stalled" });
    await expect(drain(1, RATE_WINDOW_MS)).resolves.toBeUndefined();
  });
});

describe("a private authority", () => {
  test("is believed where the operator says so, and nowhere else", async () => {
    const directory = mkdtempSync(path.join(tmpdir(), "slipway-ca-"));
    closing.push(() => rmSync(directory, { recursive: true }));
    const [key, cert] = [path.join(directory, "key.pem"), path.join(directory, "cert.pem")];
    const subject = ["-subj", "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1"];
    const made = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "1"];
    execFileSync("openssl", ["req", ...made, "-keyout", key, "-out", cert, ...subject], { stdio: "ignore" });
    const authority = readFileSync(cert, "utf8");
    const server = createTlsServer({ key: readFileSync(key), cert: authority }, (_, response) => {
      response.setHeader("x-a", ["1", "2"]).end("private");
    });
    const url = `https://127.0.0.1:${await listening(server)}/`;
    const { text, response } = await read(open({ authorities: [authority] }), url);
    expect(text).toBe("private");
    expect(headerOf(response, "x-a")).toBe("1");
    await expect(read(open(), url)).rejects.toMatchObject({ reason: "unreachable" });
  });
});
