import { PREVIEW_COOKIE } from "@slipway/protocol";
import { describe, expect, test } from "vitest";
import {
  hostOnly,
  isPartitioned,
  localPath,
  partitioned,
  removeHopByHop,
  ticketCookie,
  ticketsOf,
  withoutTicket,
} from "./preview-headers.ts";

describe("the Cookie header for a container", () => {
  test("is without our cookie, wherever it stands", () => {
    expect(withoutTicket(`a=1; ${PREVIEW_COOKIE}=t; b=2`)).toBe("a=1; b=2");
    expect(withoutTicket(`${PREVIEW_COOKIE}=t;${PREVIEW_COOKIE}=u`)).toBeUndefined();
    expect(withoutTicket(`${PREVIEW_COOKIE} = t; a=1`)).toBe("a=1");
    expect(withoutTicket(`x${PREVIEW_COOKIE}=1`)).toBe(`x${PREVIEW_COOKIE}=1`);
    expect(withoutTicket(`__Host-${PREVIEW_COOKIE}=t; a=1`)).toBe("a=1");
    expect(withoutTicket(undefined)).toBeUndefined();
  });

  test("over https has the ticket under a name that no other host can plant", () => {
    const planted = `${PREVIEW_COOKIE}=planted; __Host-${PREVIEW_COOKIE}=ours`;
    expect(ticketsOf(planted, "https")).toEqual(["ours"]);
    expect(ticketCookie("t", 60, "https")).toBe(
      `__Host-${PREVIEW_COOKIE}=t; Path=/; Max-Age=60; HttpOnly; SameSite=Lax; Secure`,
    );
  });

  test("gives the tickets, and not more than a few", () => {
    expect(ticketsOf(`a=1; ${PREVIEW_COOKIE}=x.y.z`, "http")).toEqual(["x.y.z"]);
    expect(ticketsOf(`${PREVIEW_COOKIE}=t;`.repeat(100), "http")).toHaveLength(16);
  });
});

describe("in a frame of another site", () => {
  test("the ticket has a name that no page can plant", () => {
    const framed = ticketCookie("t", 60, "http", true);
    expect(framed).toMatch(/^__Host-.*; Path=\/; .*HttpOnly; SameSite=None; Secure; Partitioned$/);
    const cookie = framed.split(";", 1)[0] ?? "";
    expect(ticketsOf(`a=1; ${cookie}`, "http")).toEqual(["t"]);
    expect(ticketsOf(cookie, "https")).toEqual(["t"]);
    expect(withoutTicket(`a=1; ${cookie}`)).toBe("a=1");
    expect(hostOnly([framed])).toEqual([]);
    expect([isPartitioned(cookie), isPartitioned(`${PREVIEW_COOKIE}=t`)]).toEqual([true, false]);
  });

  test.each([
    ["id=1", "id=1; SameSite=None; Secure; Partitioned"],
    ["id=1; Path=/; SameSite=Lax; HttpOnly", "id=1; Path=/; HttpOnly; SameSite=None; Secure; Partitioned"],
    ["secure=1;SECURE ; samesite = strict", "secure=1; SameSite=None; Secure; Partitioned"],
  ])("a container's cookie is kept by the browser: %s", (cookie, kept) => {
    expect(partitioned([cookie])).toEqual([kept]);
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
    const planted = [
      `${PREVIEW_COOKIE}=x; Path=/`,
      ` ${PREVIEW_COOKIE} =x`,
      `__Host-${PREVIEW_COOKIE}=x; Path=/; Secure`,
      // A browser sends the value of a cookie without a name as it is.
      `=${PREVIEW_COOKIE}=x`,
      PREVIEW_COOKIE,
      "",
    ];
    expect(hostOnly([...planted, "a=1", "__Host-a=1; Path=/; Secure"])).toEqual([
      "a=1",
      "__Host-a=1; Path=/; Secure",
    ]);
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
    removeHopByHop(headers);
    expect(headers).toEqual({ host: "h", accept: "*/*" });
  });

  test("can't be used to remove host, framing or cookies", () => {
    const headers = {
      host: "h",
      connection: "host, content-length, cookie",
      "content-length": "3",
      cookie: "a=1",
    };
    removeHopByHop(headers);
    expect(headers).toEqual({ host: "h", "content-length": "3", cookie: "a=1" });
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
