import { PREVIEW_COOKIE } from "@slipway/protocol";
import { describe, expect, test } from "vitest";
import { hostOnly, localPath, removeHopByHop, ticketsOf, withoutTicket } from "./preview-headers.ts";

describe("the Cookie header for a container", () => {
  test("is without our cookie, wherever it stands", () => {
    expect(withoutTicket(`a=1; ${PREVIEW_COOKIE}=t; b=2`)).toBe("a=1; b=2");
    expect(withoutTicket(`${PREVIEW_COOKIE}=t;${PREVIEW_COOKIE}=u`)).toBeUndefined();
    expect(withoutTicket(`${PREVIEW_COOKIE} = t; a=1`)).toBe("a=1");
    expect(withoutTicket(`x${PREVIEW_COOKIE}=1`)).toBe(`x${PREVIEW_COOKIE}=1`);
    expect(withoutTicket(undefined)).toBeUndefined();
  });

  test("gives the tickets, and not more than a few", () => {
    expect(ticketsOf(`a=1; ${PREVIEW_COOKIE}=x.y.z`)).toEqual(["x.y.z"]);
    expect(ticketsOf(`${PREVIEW_COOKIE}=t;`.repeat(100))).toHaveLength(4);
  });
});

describe("cookies that a container sets", () => {
  test.each([
    ["id=1; Domain=example.org; Path=/", "id=1; Path=/"],
    ["id=1; path=/; DOMAIN = .localhost; Secure", "id=1; path=/; Secure"],
    ["id=1; domain=a; domain=b", "id=1"],
    ["id=1; Domain", "id=1"],
    ["domain=x; Path=/", "domain=x; Path=/"],
  ])("stay on its host: %s", (cookie, limited) => {
    expect(hostOnly([cookie])).toEqual([limited]);
  });

  test("can't be ours", () => {
    expect(hostOnly([`${PREVIEW_COOKIE}=x; Path=/`, ` ${PREVIEW_COOKIE} =x`, "a=1"])).toEqual(["a=1"]);
  });
});

describe("hop-by-hop fields", () => {
  test("go, and those that Connection names", () => {
    const headers = {
      host: "h",
      connection: "close, X-Secret",
      "x-secret": "1",
      te: "trailers",
      accept: "*/*",
    };
    removeHopByHop(headers, false);
    expect(headers).toEqual({ host: "h", accept: "*/*" });
  });

  test("can't be used to remove host, framing or cookies", () => {
    const headers = {
      host: "h",
      connection: "host, content-length, cookie",
      "content-length": "3",
      cookie: "a=1",
    };
    removeHopByHop(headers, false);
    expect(headers).toEqual({ host: "h", "content-length": "3", cookie: "a=1" });
  });

  test("of a WebSocket stay", () => {
    const headers = { connection: "keep-alive, Upgrade", upgrade: "websocket" };
    removeHopByHop(headers, true);
    expect(headers).toEqual({ connection: "Upgrade", upgrade: "websocket" });
  });
});

describe("the way after entering", () => {
  test.each(["/", "/a/b?c=d#e", "/%2F%2Fexample.org", "/a//b"])("may be the path %s", (path) => {
    expect(localPath(path)).toBe(path);
  });

  test.each([
    null,
    "",
    "https://example.org/",
    "//example.org",
    "/\\example.org",
    "/\t/example.org",
    "/\n/example.org",
    "\\\\example.org",
    "javascript:alert(1)",
    "/..//example.org",
    "example.org",
  ])("never leaves the origin: %j", (to) => {
    expect(localPath(to)).toBe("/");
  });
});
