import { expect, test } from "vitest";
import { createAesVault } from "./aes-vault.ts";

const secret = "s".repeat(32);
const vault = createAesVault(secret);

test("what was sealed opens again in its context, letter for letter", () => {
  for (const plain of ["", "hunter2", "비밀번호 🔑", "\u0000\n", "x".repeat(600_000)]) {
    expect(vault.open(vault.seal(plain, "row-1"), "row-1")).toBe(plain);
  }
});

test("the sealed form holds nothing of the text and differs each time", () => {
  const one = vault.seal("hunter2", "row-1");
  expect(one).toMatch(/^v1\.[\w-]{8}\.[\w-]+$/);
  expect(one).not.toContain("hunter2");
  expect(vault.seal("hunter2", "row-1")).not.toBe(one);
});

test("a sealed text that was moved to another place does not open", () => {
  expect(vault.open(vault.seal("hunter2", "row-1"), "row-2")).toBeNull();
});

test("a sealed text that was changed anywhere does not open", () => {
  const sealed = vault.seal("hunter2", "row-1");
  const body = sealed.lastIndexOf(".") + 1;
  for (let index = body; index < sealed.length - 1; index += 1) {
    const other = sealed[index] === "A" ? "B" : "A";
    const changed = sealed.slice(0, index) + other + sealed.slice(index + 1);
    expect(vault.open(changed, "row-1")).toBeNull();
  }
  for (const broken of ["", "v1", "v1..", sealed.slice(0, body), sealed.slice(0, body + 20), `v2${sealed}`]) {
    expect(vault.open(broken, "row-1")).toBeNull();
  }
});

test("a new secret opens what an earlier one sealed, as long as it is named, and says so", () => {
  const sealed = vault.seal("hunter2", "row-1");
  const next = createAesVault("n".repeat(32), [secret]);
  expect(next.open(sealed, "row-1")).toBe("hunter2");
  expect(next.isCurrent(sealed)).toBe(false);
  const again = next.seal("hunter2", "row-1");
  expect(next.isCurrent(again)).toBe(true);
  expect(vault.open(again, "row-1")).toBeNull();
  expect(createAesVault("n".repeat(32)).open(sealed, "row-1")).toBeNull();
});
