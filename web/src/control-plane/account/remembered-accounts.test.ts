import type { IncomingMessage, ServerResponse } from "node:http";
import { expect, test } from "vitest";
import type { Accounts, Person } from "./account.ts";
import { rememberPeople } from "./remembered-accounts.ts";

const ann: Person = {
  id: "ann",
  name: "Ann",
  guest: true,
  email: null,
  emailProved: false,
  role: "guest",
};
const unasked = () => Promise.reject(new Error("not asked for here"));

/** Accounts whose one cookie is good until it is signed out; counts the questions. */
function openAccounts() {
  const asked: string[] = [];
  let good = true;
  const accounts: Accounts = {
    identify: ({ cookie = "" }) => {
      asked.push(cookie);
      return Promise.resolve(good && cookie === "token=1" ? ann : null);
    },
    ways: { oidc: null },
    enterAsGuest: unasked,
    signUp: unasked,
    signIn: unasked,
    signOut: () => {
      good = false;
      return Promise.resolve([]);
    },
    changePassword: unasked,
    startOidc: unasked,
    proveEmail: unasked,
    resetPassword: unasked,
    isPassword: unasked,
  };
  const handler = () => {
    good = false;
    return Promise.resolve();
  };
  const remembering = rememberPeople(accounts, handler);
  return { asked, accounts: remembering.accounts, handler: remembering.handler };
}

test("a cookie is looked up once, and each cookie for itself", async () => {
  const { accounts, asked } = openAccounts();
  for (let times = 0; times < 3; times += 1) expect(await accounts.identify({ cookie: "token=1" })).toBe(ann);
  expect(await accounts.identify({ cookie: "token=2" })).toBeNull();
  expect(await accounts.identify({ cookie: "token=2" })).toBeNull();
  expect(asked).toEqual(["token=1", "token=2", "token=2"]);
});

test("a sign-out by a procedure counts at once", async () => {
  const { accounts } = openAccounts();
  expect(await accounts.identify({ cookie: "token=1" })).toBe(ann);
  await accounts.signOut({ cookie: "token=1" });
  expect(await accounts.identify({ cookie: "token=1" })).toBeNull();
});

test("a sign-out counts at once, also for a question that was under way", async () => {
  const { accounts, handler } = openAccounts();
  const underWay = accounts.identify({ cookie: "token=1" });
  await handler({} as IncomingMessage, {} as ServerResponse);
  await underWay;
  expect(await accounts.identify({ cookie: "token=1" })).toBeNull();
});
