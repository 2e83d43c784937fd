import { expect, it } from "vitest";
import { upstreamVersion } from "./versions.ts";

it.each([
  ["nodejs", "18.20.4"],
  ["redis-server", "7.0.15"],
  ["gcc-12", "12.2.0"],
  ["missing", null],
])("the version of %s is that of its makers: %s", (name, version) => {
  const status = [
    "Package: nodejs\nStatus: install ok installed\nVersion: 18.20.4+dfsg-1~deb12u1\n",
    "Package: redis-server\nVersion: 5:7.0.15-1~deb12u5\n",
    "Package: gcc-12\nVersion: 12.2.0-14+deb12u1\nDepends: x\n",
  ].join("\n");
  expect(upstreamVersion(status, name)).toBe(version);
});
