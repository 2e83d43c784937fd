import { expect, test } from "vitest";
import { baseImagesOf } from "./base-images.ts";

test("images of all workers are put together by name, each tag once and in the workers' order", () => {
  const workers = [
    ["node:latest", "node:18", "busybox:latest"],
    ["node:18", "localhost:5000/app:1", "localhost:5000/bare", `redis@sha256:${"a".repeat(64)}`],
  ];
  expect(baseImagesOf(workers)).toEqual([
    { name: "busybox", tags: ["latest"] },
    { name: "localhost:5000/app", tags: ["1"] },
    { name: "node", tags: ["latest", "18"] },
  ]);
});

test("without a worker there are none", () => {
  expect(baseImagesOf([])).toEqual([]);
});
