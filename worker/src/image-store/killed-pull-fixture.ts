import { mkdir, readdir, stat } from "node:fs/promises";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openMachine } from "./transfer-fixture.ts";

/* A worker that is killed while it pulls: see registry-transfer.kernel.test.ts. argv: directory, reference. */

const [, , directory = "", reference = ""] = process.argv;
await mkdir(directory, { recursive: true });
const machine = await openMachine({
  directory,
  insecure: [reference.split("/")[0] ?? ""],
  patience: { idleMs: 60_000 },
});
machine.transfer.pull(reference, machine.options()).catch((error: unknown) => {
  process.stderr.write(`${error}\n`);
});
const partial = path.join(directory, "transfer/partial");
/** Says so when a good part of a layer has arrived. */
for (let arrived = 0; arrived < 600_000; await sleep(10)) {
  const sizes = await Promise.all((await readdir(partial)).map((name) => sizeOf(path.join(partial, name))));
  arrived = Math.max(0, ...sizes);
}
process.stdout.write("arrived\n");

/** Layers that are small are through, and their files gone, between two looks. */
async function sizeOf(file: string): Promise<number> {
  return await stat(file).then(
    ({ size }) => size,
    () => 0,
  );
}
