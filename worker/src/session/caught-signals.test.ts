import { spawn } from "node:child_process";
import { once } from "node:events";
import { expect, test } from "vitest";
import { catches } from "./caught-signals.ts";

test("tells whether a process handles a signal, by name and by number", async () => {
  const child = spawn(process.execPath, [
    "-e",
    "process.on('SIGTERM', () => {}); console.log(1); setInterval(() => {}, 999)",
  ]);
  try {
    await once(child.stdout, "data");
    const pid = child.pid ?? 0;
    expect(await catches(pid, "SIGTERM")).toBe(true);
    expect(await catches(pid, "15")).toBe(true);
    expect(await catches(pid, "SIGURG")).toBe(false);
    expect(await catches(pid, "NONSENSE")).toBe(false);
  } finally {
    child.kill("SIGKILL");
  }
});
