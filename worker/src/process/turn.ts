import { once } from "node:events";

/**
 * Waits for the supervisor's word when this process is a standby: one that is loaded and does nothing until the one before it has
 * ended (infra/bootstrap/standby.mjs). A supervisor that goes away takes it along.
 */
export async function turn(): Promise<void> {
  if (process.env.SLIPWAY_AWAIT_TURN !== "1") return;
  await once(process.stdin, "data");
  process.stdin.destroy();
}
