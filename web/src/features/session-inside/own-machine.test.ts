import { expect, test } from "vitest";
import { contextCommands } from "./own-machine.ts";

const host = "tcp://slipway.example:443/gateway/docker/s1234567890/ticket";

test("the commands make a context with the address, and with authorities where it is spoken to over TLS", () => {
  expect(contextCommands({ host, isSecure: true, expiresAt: 1 }, "s1234567890")).toBe(
    `docker context create slipway-s1234567 --docker "host=${host},ca=/etc/ssl/certs/ca-certificates.crt"\ndocker --context slipway-s1234567 ps`,
  );
  expect(contextCommands({ host, isSecure: false, expiresAt: 1 }, "s1234567890")).not.toContain("ca=");
});
