import { describe, expect, it } from "vitest";
import { parseReference } from "./reference.ts";

const digest = `sha256:${"a".repeat(64)}`;

describe("a reference is normalised as Docker does", () => {
  it.each([
    ["node", "docker.io/library/node:latest", "node:latest"],
    ["node:18", "docker.io/library/node:18", "node:18"],
    ["docker.io/library/ubuntu:14.04", "docker.io/library/ubuntu:14.04", "ubuntu:14.04"],
    ["index.docker.io/library/a", "docker.io/library/a:latest", "a:latest"],
    ["someone/kubia", "docker.io/someone/kubia:latest", "someone/kubia:latest"],
    ["slipway/p1a2b3c4:latest", "docker.io/slipway/p1a2b3c4:latest", "slipway/p1a2b3c4:latest"],
    ["localhost/x", "localhost/x:latest", "localhost/x:latest"],
    ["localhost:5000/x/y:1", "localhost:5000/x/y:1", "localhost:5000/x/y:1"],
    ["registry.example/x", "registry.example/x:latest", "registry.example/x:latest"],
    [`node@${digest}`, `docker.io/library/node@${digest}`, `node@${digest}`],
  ])("%s", (text, full, familiar) => {
    expect(parseReference(text)).toMatchObject({ full, familiar });
  });

  it.each([
    "",
    "Node",
    "a b",
    "node:",
    "node:a/b",
    "/node",
    "node/",
    "a//b",
    "../x",
    "x@sha256:1",
    "n".repeat(300),
  ])("%j is refused", (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: "request-invalid" }));
  });
});
