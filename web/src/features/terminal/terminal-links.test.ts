import { expect, test } from "vitest";
import { safeAddress } from "./terminal-links.ts";

test.each(["https://example.test/a?b#c", "http://localhost:8080/"])(
  "a link to %s can be followed",
  (address) => {
    expect(safeAddress(address)).toBe(address);
  },
);

test.each([
  "javascript:alert(1)",
  "JAVASCRIPT:alert(1)",
  "\u0001javascript:alert(1)",
  "data:text/html,<script>",
  "file:///etc/passwd",
  "blob:https://example.test/x",
  "https://bank.test@evil.test/",
  "no address",
])("a link to %j leads nowhere", (address) => {
  expect(safeAddress(address)).toBeNull();
});
