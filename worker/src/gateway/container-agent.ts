import { Agent, type ClientRequestArgs } from "node:http";
import { connect, type Socket } from "node:net";

/** Longest wait for a container to take a connection. */
export const CONNECT_TIMEOUT_MS = 5_000;
/** Connections to one port of one session; more requests wait. */
const SOCKETS_PER_PORT = 256;
const SOCKETS_IN_ALL = 4_096;

/**
 * Opens connections to containers, each for one request: an address may be another session's a moment later, and a
 * container is one veth pair away.
 */
export class ContainerAgent extends Agent {
  constructor() {
    super({ keepAlive: false, maxSockets: SOCKETS_PER_PORT, maxTotalSockets: SOCKETS_IN_ALL });
  }

  override createConnection(options: ClientRequestArgs): Socket {
    const socket = connect({ host: options.host ?? "", port: Number(options.port) });
    const timer = setTimeout(() => {
      socket.destroy(Object.assign(new Error("the container takes no connection"), { code: "ETIMEDOUT" }));
    }, CONNECT_TIMEOUT_MS);
    const settled = () => clearTimeout(timer);
    socket.once("connect", settled).once("close", settled);
    return socket;
  }
}
