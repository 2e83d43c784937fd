import { expect, it } from "vitest";
import { parseChmod } from "./chmod.ts";

const changed = (text: string, mode: number, isDirectory = false) =>
  parseChmod(text)(mode, isDirectory).toString(8);

it("octal digits are the whole mode, set-id and sticky bits included", () => {
  expect(changed("755", 0o600)).toBe("755");
  expect(changed("4755", 0o1600)).toBe("4755");
  expect(changed("0", 0o777)).toBe("0");
});

it("symbolic clauses change the mode that is there, as chmod(1) does", () => {
  expect(changed("u=rwX,go=rX", 0o600)).toBe("644");
  expect(changed("u=rwX,go=rX", 0o700)).toBe("755");
  expect(changed("u=rwX,go=rX", 0o600, true)).toBe("755");
  expect(changed("a-w,u+w", 0o666)).toBe("644");
  expect(changed("+x", 0o644)).toBe("755");
  expect(changed("g=u,o=", 0o640)).toBe("660");
  expect(changed("u+s,+t", 0o755)).toBe("5755");
  expect(changed("go-rwx+r", 0o755)).toBe("744");
});

it("whatever is neither is refused", () => {
  for (const text of ["", "8", "17777", "rwx", "u=q", "u", "0x1", "755,"])
    expect(() => parseChmod(text)).toThrow(/neither/);
});
