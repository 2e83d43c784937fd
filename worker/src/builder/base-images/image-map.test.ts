import { expect, it } from "vitest";
import { parseImageMap } from "./image-map.ts";

it("the first line of the map that matches counts; comments and nonsense are skipped", () => {
  const map = parseImageMap("# node:1 = x\n node:7 = node:18 # why\nnonsense\nnode:* = node:latest\n");
  const target = (name: string) => map.find(({ pattern }) => pattern.matches(name))?.target ?? null;
  expect(target("node:7")).toBe("node:18");
  expect(target("node:14-alpine")).toBe("node:latest");
  expect(target("debian:7")).toBeNull();
});

it("only `*` stands for anything else than itself", () => {
  const [line] = parseImageMap("re.istry.example/*:1.* = x");
  const matches = (name: string) => line?.pattern.matches(name);
  expect(matches("re.istry.example/a/b:1.2")).toBe(true);
  expect(matches("registry.example/a:1.2")).toBe(false);
  expect(matches("re.istry.example/a:1x2")).toBe(false);
});
