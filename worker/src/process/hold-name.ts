import { once } from "node:events";
import { createServer } from "node:net";
import { SlipwayError } from "@slipway/protocol";

/**
 * Holds a name on this machine until the process ends, however it ends: an abstract unix socket (unix(7)), which the kernel
 * takes away by itself. Rejects with `worker-full` when another process holds the name.
 */
export async function holdName(name: string): Promise<void> {
  const server = createServer((socket) => socket.destroy());
  server.listen(`\0${name}`);
  server.unref();
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new SlipwayError(
      "worker-full",
      "Another Slipway worker runs on this machine; stop it, or set SLIPWAY_INSTANCE for a second one.",
      { cause },
    );
  }
}
