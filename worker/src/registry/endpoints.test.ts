import { expect, test } from "vitest";
import { endpointsOf, originOf, plainHosts, type RegistrySettings, trustedHosts } from "./endpoints.ts";

const settings: RegistrySettings = {
  mirrors: new Map([
    ["docker.io", [new URL("http://10.0.0.1:5000"), new URL("https://ada:a%40b@mirror.example/hub/cache/")]],
  ]),
  insecure: new Set(["127.0.0.1:5001"]),
  private: new Set(["registry.lan", "tokens.lan:8443"]),
};

test("mirrors come first and in their order, the registry itself last", () => {
  const found = endpointsOf("docker.io", settings).map(({ origin, prefix, mirror, credential }) => ({
    at: origin.href,
    prefix,
    mirror,
    credential,
  }));
  expect(found).toEqual([
    { at: "http://10.0.0.1:5000/", prefix: "", mirror: true, credential: null },
    {
      at: "https://mirror.example/",
      prefix: "hub/cache/",
      mirror: true,
      credential: { username: "ada", password: "a@b" },
    },
    { at: "https://registry-1.docker.io/", prefix: "", mirror: false, credential: null },
  ]);
});

test("only a registry that the operator named is asked over plain http", () => {
  expect(originOf("127.0.0.1:5001", settings).origin.protocol).toBe("http:");
  expect(originOf("127.0.0.1:5002", settings).origin.protocol).toBe("https:");
  expect([...plainHosts(settings)].sort()).toEqual(["10.0.0.1:5000", "127.0.0.1:5001"]);
});

test("hosts that the operator named may lie anywhere", () => {
  expect([...trustedHosts(settings)].sort()).toEqual([
    "10.0.0.1:5000",
    "127.0.0.1:5001",
    "mirror.example:443",
    "registry.lan:443",
    "tokens.lan:8443",
  ]);
});
