import { expect, test } from "vitest";
import { roleOf } from "./role.ts";

const settings = { operators: ["op@example.org"], teachers: ["teach@example.org", "op@example.org"] };

test.each([
  ["op@example.org", true, false, "operator"],
  ["OP@Example.org", true, false, "operator"],
  ["teach@example.org", true, false, "teacher"],
  ["ann@example.org", true, false, "member"],
  ["op@example.org", false, false, "member"],
  ["teach@example.org", false, false, "member"],
  ["op@example.org", true, true, "guest"],
])("%s (proved: %s, guest: %s) is a %s", (email, emailVerified, isAnonymous, role) => {
  expect(roleOf({ email, emailVerified, isAnonymous }, settings)).toBe(role);
});
