import { setTimeout as sleep } from "node:timers/promises";
import type { Container } from "../runtime/runtime.ts";
import type { Terminal } from "../terminal/terminal.ts";
import { catches } from "./caught-signals.ts";
import { stopSignal } from "./command.ts";
import type { SessionParts } from "./parts.ts";
import type { SessionRecord } from "./record.ts";

/**
 * Time between the signal that asks the main process to end and the one that ends it. Shorter than Docker's ten seconds: a
 * person waits, and programs that don't heed the signal as first process of a container, such as Node, are the rule here.
 */
export const STOP_GRACE_MS = 2_000;

/** Asks the main process to end where it can hear, and waits; after the grace period it is left to the removal, which kills. */
export async function askToStop(
  parts: SessionParts,
  { request, args, report }: SessionRecord,
  container: Container,
  main: Terminal,
): Promise<void> {
  // What stands still does not hear.
  if (report.paused) await container.resume();
  const image = await parts.images.get(request.image);
  const signal = stopSignal(args, image?.config.config ?? {});
  const pid = await container.pid();
  if (pid === null || !(await catches(pid, signal))) return;
  await container.kill(signal);
  const grace = new AbortController();
  await Promise.race([main.ended, sleep(STOP_GRACE_MS, undefined, { signal: grace.signal }).catch(() => {})]);
  grace.abort();
}
