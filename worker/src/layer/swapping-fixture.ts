import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

/**
 * A process that puts one directory in the place of another and back, as fast as it can. `swapped` is the name that is
 * looked at, `evil` what lies there every other moment.
 */
const SWAP = `
const { renameSync } = require("node:fs");
const [swapped, evil] = process.argv.slice(1);
process.stdout.write("up");
const move = (from, to) => { try { renameSync(from, to); } catch {} };
for (;;) {
  for (let round = 0; round < 200; round += 1) {
    move(swapped, swapped + ".good"); move(evil, swapped);
    move(swapped, evil); move(swapped + ".good", swapped);
  }
  if (process.ppid === 1) process.exit();
}`;

/** Runs `work` while the attack goes on. */
export async function whileSwapping<Result>(
  swapped: string,
  evil: string,
  work: () => Promise<Result>,
): Promise<Result> {
  const attacker: ChildProcess = spawn(process.execPath, ["-e", SWAP, swapped, evil], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  try {
    if (attacker.stdout) await once(attacker.stdout, "data");
    return await work();
  } finally {
    attacker.kill("SIGKILL");
    if (attacker.exitCode === null && attacker.signalCode === null) await once(attacker, "exit");
  }
}
