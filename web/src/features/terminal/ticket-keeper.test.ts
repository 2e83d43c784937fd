import { expect, test } from "vitest";
import { expiryOf, TicketKeeper } from "./ticket-keeper.ts";

const ticket = (claims: object) => `head.${btoa(JSON.stringify(claims)).replaceAll("=", "")}.signature`;

test("a ticket that is still valid is used again, so that a connection comes back while nobody gives out new ones", async () => {
  let fetched = 0;
  const keeper = new TicketKeeper(async () => {
    fetched += 1;
    if (fetched > 1) throw new Error("the control plane is down");
    return ticket({ exp: 1_000 });
  });
  const first = await keeper.get(900_000);
  expect(await keeper.get(950_000)).toBe(first);
  await expect(keeper.get(999_000)).rejects.toThrow("down");
});

test("a ticket that the worker did not take is not shown again", async () => {
  let fetched = 0;
  const keeper = new TicketKeeper(async () => ticket({ exp: 1_000, jti: fetched++ }));
  const first = await keeper.get(0);
  keeper.forget();
  expect(await keeper.get(0)).not.toBe(first);
});

test.each(["", "a.b", "a.%%%.c", `a.${btoa("null")}.c`, `a.${btoa('{"exp":"soon"}')}.c`])(
  "%j counts as expired",
  (text) => {
    expect(expiryOf(text)).toBe(0);
  },
);
