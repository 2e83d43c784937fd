import { expect, test } from "vitest";
import { isPlatform } from "./asked-platform.ts";

const actual = { os: "linux", architecture: "amd64" };

test.each(["", "linux", "amd64", "linux/amd64", "linux/x86_64", "Linux/AMD64/v8"])(
  "%j is linux/amd64",
  (asked) => {
    expect(isPlatform(asked, actual)).toBe(true);
  },
);

test.each(["linux/aarch64", "arm64", "windows/amd64"])("%s is another platform", (asked) => {
  expect(isPlatform(asked, actual)).toBe(false);
});

test.each(["linux/amd64,test", "linux/amd64/v2/more", "linux/"])("%s is none", (asked) => {
  expect(() => isPlatform(asked, actual)).toThrow(expect.objectContaining({ status: 400 }));
});
