import { expect, test } from "vitest";
import type { ImageStore } from "../../image-store/image-store.ts";
import { publicNames } from "./public-names.ts";

const PULLED = { origin: "docker.io" } as unknown as ReturnType<ImageStore["pulled"]>;

const store = {
  list: () =>
    Promise.resolve([
      "docker.io/library/node:22",
      "docker.io/ann/secret:1",
      "docker.io/library/node:latest",
      "playground.local/abc:build",
    ]),
  pulled: (name: string) => (name.startsWith("docker.io/") ? PULLED : null),
  isPrivate: (name: string) => name.includes("secret"),
};

test("recipes and what was pulled without a login are told, in Docker's words and once", async () => {
  expect(await publicNames(store, ["node", "busybox:1"])).toEqual(["node:latest", "busybox:1", "node:22"]);
});
