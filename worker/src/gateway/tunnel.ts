import type { Socket } from "node:net";

/** Longest silence of an open WebSocket, both ways. Pages that mean to stay ping more often. */
export const TUNNEL_IDLE_MS = 30 * 60_000;
/** Longest time that one side may go on after the other has said that it is through. */
export const HALF_OPEN_MS = 30_000;

/** Sees to it that the two ends of a WebSocket go together: neither outlives the other, half open or silent. */
export function tie(browser: Socket, container: Socket): void {
  const ends = [
    [browser, container],
    [container, browser],
  ] as const;
  for (const [one, other] of ends) {
    one.once("close", () => other.destroy());
    one.once("end", () => {
      const timer = setTimeout(() => other.destroy(), HALF_OPEN_MS);
      other.once("close", () => clearTimeout(timer));
    });
  }
  container.on("timeout", () => container.destroy());
  // After the proxy, which takes the timeout of requests off.
  setImmediate(() => container.setTimeout(TUNNEL_IDLE_MS));
}
