import { expect, test } from "vitest";
import { registryHost } from "./registry-host.ts";

test.each([
  ["docker.io", "docker.io"],
  ["", "docker.io"],
  ["https://index.docker.io/v1/", "docker.io"],
  ["registry-1.docker.io", "docker.io"],
  [" Registry.Example ", "registry.example"],
  ["http://127.0.0.1:5000/v2/", "127.0.0.1:5000"],
  ["localhost:5000", "localhost:5000"],
  ["[::1]:5000", "[::1]:5000"],
  ["registry.example:443", "registry.example:443"],
])("%j is the registry %s", (typed, host) => {
  expect(registryHost(typed)).toBe(host);
});

test.each([
  "user@registry.example",
  "registry example",
  "registry.example:0",
  "registry.example:65536",
  "registry.example:http",
  "레지스트리",
  "http://",
  "a..b",
  "../etc",
  "x".repeat(300),
])("%j is no registry", (typed) => {
  expect(() => registryHost(typed)).toThrow(expect.objectContaining({ code: "registry-host-invalid" }));
});
