import { expect, test } from "vitest";
import { parseEnv } from "./env.ts";

test("defaults need nothing but the join token", () => {
  const env = parseEnv({ SLIPWAY_JOIN_TOKEN: "0123456789abcdef" });
  expect(env.SLIPWAY_WORKER_DIR).toBe("/var/lib/slipway/worker");
});

test("mirrors and hosts of registries are lists", () => {
  const env = parseEnv({
    SLIPWAY_JOIN_TOKEN: "0123456789abcdef",
    SLIPWAY_REGISTRY_MIRRORS:
      "docker.io=https://a.example,docker.io=http://10.0.0.1:5000/hub,r.example=https://b.example",
    SLIPWAY_REGISTRY_INSECURE: "127.0.0.1:5000",
  });
  expect([...env.SLIPWAY_REGISTRY_MIRRORS].map(([name, urls]) => [name, urls.map(String)])).toEqual([
    ["docker.io", ["https://a.example/", "http://10.0.0.1:5000/hub"]],
    ["r.example", ["https://b.example/"]],
  ]);
  expect([...env.SLIPWAY_REGISTRY_INSECURE]).toEqual(["127.0.0.1:5000"]);
  for (const wrong of ["docker.io", "docker.io=ftp://a", "a/b=https://c", "docker.io=https://"]) {
    const settings = { SLIPWAY_JOIN_TOKEN: "0123456789abcdef", SLIPWAY_REGISTRY_MIRRORS: wrong };
    expect(() => parseEnv(settings)).toThrowError(/SLIPWAY_REGISTRY_MIRRORS/);
  }
});

test("a wrong variable gives a sentence that names it", () => {
  expect(() => parseEnv({ SLIPWAY_JOIN_TOKEN: "0123456789abcdef", SLIPWAY_RUNTIME: "docker" })).toThrowError(
    /^The worker's settings are wrong\. SLIPWAY_RUNTIME: /,
  );
});
