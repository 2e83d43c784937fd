import { expect, test } from "vitest";
import { parseStatus, shownCommand } from "./process-status.ts";

const STATUS = `Name:\tnode
State:\tS (sleeping)
Tgid:\t4242
PPid:\t4200
Uid:\t1000000000\t1000000000\t1000000000\t1000000000
NSpid:\t4242\t7
VmRSS:\t   51200 kB
CapBnd:\t00000000a80425fb
NoNewPrivs:\t1
Seccomp:\t2
`;

test("a process is told with its numbers from outside to inside", () => {
  expect(parseStatus(STATUS)).toEqual({
    name: "node",
    state: "S",
    parentPid: 4200,
    uid: 1_000_000_000,
    pids: [4242, 7],
    memoryBytes: 50 * 1024 * 1024,
    boundingSet: 0xa80425fbn,
    noNewPrivileges: true,
    seccomp: true,
  });
});

test("a zombie has no memory, and is a process all the same", () => {
  expect(parseStatus(STATUS.replace(/VmRSS.*\n/, ""))).toMatchObject({ memoryBytes: 0 });
});

test.each([[""], ["Name:\tx\n"], [STATUS.replace("4242\t7", "")], [STATUS.replace("4200", "x")]])(
  "what is no status of a process is none",
  (text) => {
    expect(parseStatus(text)).toBeNull();
  },
);

test("a name cannot pass for another field, and acts on no screen", () => {
  const status = parseStatus(STATUS.replace("Name:\tnode", "Name:\tx\\nUid:\t0 \u001b[2J\u202e"));
  expect(status).toMatchObject({ uid: 1_000_000_000 });
  expect(status?.name).not.toMatch(/\p{C}/u);
});

test("a command line is one line of bounded length", () => {
  expect(shownCommand(Buffer.from("sh\0-c\0echo a\nb\0"))).toBe("sh -c echo a\ufffdb");
  expect(shownCommand(Buffer.alloc(1_000_000, "a"))).toHaveLength(256);
  expect(shownCommand(Buffer.alloc(0))).toBe("");
});
