import { expect, test } from "vitest";
import { parseEnv } from "./env.ts";

const required = {
  DATABASE_URL: "postgresql://app@127.0.0.1/app",
  SLIPWAY_SECRET: "s".repeat(32),
  SLIPWAY_JOIN_TOKEN: "j".repeat(16),
};

test("only the database, the secret and the join token have to be set", () => {
  expect(parseEnv(required)).toMatchObject({
    SLIPWAY_PORT: 3000,
    SLIPWAY_LISTEN_ADDRESS: "127.0.0.1",
    SLIPWAY_PREVIEW_DOMAIN: "localhost:3000",
    SLIPWAY_EXTRA_HOSTS: [],
  });
});

test("the public address is kept as an origin, and names the preview domain", () => {
  const env = parseEnv({ ...required, SLIPWAY_PUBLIC_URL: "https://slipway.example/" });
  expect(env).toMatchObject({
    SLIPWAY_PUBLIC_URL: "https://slipway.example",
    SLIPWAY_PREVIEW_DOMAIN: "slipway.example",
  });
});

test.each([
  ["SLIPWAY_PORT", "99999"],
  ["SLIPWAY_PUBLIC_URL", "localhost"],
  ["DATABASE_URL", "mysql://x"],
  ["SLIPWAY_SECRET", "short"],
  ["SLIPWAY_JOIN_TOKEN", ""],
  ["SLIPWAY_SESSION_MEMORY_BYTES", "512M"],
])("a wrong %s gives one sentence that names it", (name, value) => {
  expect(() => parseEnv({ ...required, [name]: value })).toThrow(
    new RegExp(`^The settings of the web server are wrong\\. ${name}: [^.]+\\.$`),
  );
});
