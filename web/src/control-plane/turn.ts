import { once } from "node:events";

/**
 * Waits for the supervisor's word when this process is a standby, one that does nothing until the one before it has ended
 * (infra/bootstrap/standby.mjs). A supervisor that goes away takes it along.
 *
 * @param prepare what may be done ahead of the turn; what fails of it is done, and told, after it
 */
export async function turn(prepare: () => Promise<unknown>): Promise<void> {
  if (process.env.SLIPWAY_AWAIT_TURN !== "1") return;
  const given = once(process.stdin, "data");
  await prepare().catch(() => null);
  await given;
  process.stdin.destroy();
}
