// The thread that holds the emulators of all terminals. It begins when the first terminal has printed more than is kept as
// it was written.
import { setImmediate as turn } from "node:timers/promises";
import { parentPort } from "node:worker_threads";
import { Emulator, SLICE_BYTES } from "./emulator.ts";
import type { Advanced, JobReply, JobRequest } from "./screen-jobs.ts";

/** Emulators that are kept for the next job of their terminal, a few megabytes each; the one unused longest goes first. */
const KEPT_EMULATORS = 12;

interface Kept {
  readonly version: number;
  readonly emulator: Emulator;
}

const kept = new Map<string, Kept>();

function emulatorFor({ terminal, version, base }: JobRequest): Emulator | null {
  const found = kept.get(terminal);
  kept.delete(terminal);
  if (found?.version === version) return found.emulator;
  found?.emulator.dispose();
  if (base === null) return null;
  const emulator = new Emulator(base.size);
  emulator.write(base.data);
  return emulator;
}

function keep(terminal: string, version: number, emulator: Emulator): void {
  kept.set(terminal, { version, emulator });
  for (const [oldest, { emulator: unused }] of kept) {
    if (kept.size <= KEPT_EMULATORS) break;
    kept.delete(oldest);
    unused.dispose();
  }
}

/** Terminals take turns: each slice is one turn of this thread's loop. */
async function advance(emulator: Emulator, { data, sizes }: JobRequest["portion"]): Promise<Advanced> {
  let at = 0;
  const writeTo = async (end: number): Promise<void> => {
    while (at < end) {
      const next = Math.min(end, at + SLICE_BYTES);
      emulator.write(data.subarray(at, next));
      at = next;
      await turn();
    }
  };
  for (const { offset, size } of sizes) {
    await writeTo(offset);
    emulator.resize(size);
  }
  await writeTo(Math.max(at, data.byteLength - SLICE_BYTES));
  const consumed = at + emulator.writeToRest(data.subarray(at));
  const picture = emulator.picture();
  return { ...picture, consumed, scrollsFreely: emulator.scrollsFreely };
}

async function carryOut(request: JobRequest): Promise<JobReply> {
  const { job, terminal, version, portion } = request;
  const emulator = emulatorFor(request);
  if (emulator === null) return { job, kind: "base-wanted" };
  try {
    const advanced = await advance(emulator, portion);
    keep(terminal, version + 1, emulator);
    return { job, kind: "advanced", advanced };
  } catch (error) {
    // Output that the emulator itself trips over: a stranger's.
    emulator.dispose();
    return { job, kind: "failed", message: error instanceof Error ? error.message : String(error) };
  }
}

parentPort?.on("message", (request: JobRequest) => {
  void carryOut(request).then((reply) => {
    parentPort?.postMessage(
      reply,
      reply.kind === "advanced" ? [reply.advanced.data.buffer as ArrayBuffer] : [],
    );
  });
});
