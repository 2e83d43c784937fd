import { expect, test } from "vitest";
import { hostOf, readAuthHeader, readConfigHeader, readLogin } from "./registry-auth.ts";

const header = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");

test("a login goes to the registry of the image and to no other one that the header names", () => {
  const auth = header({ username: "ada", password: "secret", serveraddress: "evil.example" });
  expect(readAuthHeader(auth, "registry.example:5000")).toEqual([
    { registry: "registry.example:5000", username: "ada", password: "secret" },
  ]);
});

test("no header, an empty one, and one of somebody without a login are no login", () => {
  for (const none of [undefined, "", header(null), header({}), header({ username: "", password: "" })])
    expect(readAuthHeader(none, "docker.io")).toEqual([]);
});

test("logins of a build are found under all names of Docker Hub, also as one string of name and password", () => {
  const auth = Buffer.from("ada:se:cret").toString("base64");
  const configs = header({
    "https://index.docker.io/v1/": { auth },
    "not a host!": { auth },
    "r.example": {},
  });
  expect(readConfigHeader(configs)).toEqual([
    { registry: "docker.io", username: "ada", password: "se:cret" },
  ]);
});

test("what can't be read is a 400 in Docker's form", () => {
  expect(() => readAuthHeader("%%%", "docker.io")).toThrow("invalid X-Registry-Auth header");
  expect(() => readConfigHeader(header([1]))).toThrow("invalid X-Registry-Config header");
  expect(() => readAuthHeader("a".repeat(100_000), "docker.io")).toThrow("too long");
  expect(() => readLogin({ username: "ada" })).toThrow("incorrect username or password");
  expect(hostOf("https://registry.example:5000/v2/")).toBe("registry.example:5000");
  expect(hostOf("a b")).toBeNull();
});
