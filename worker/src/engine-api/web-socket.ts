import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { createWebSocketStream, WebSocketServer } from "ws";
import { EngineError } from "./engine-error.ts";

/** Longest message of a client, bytes: what is typed or piped into a process comes in many. */
const MESSAGE_BYTES = 1024 * 1024;

const server = new WebSocketServer({
  noServer: true,
  clientTracking: false,
  perMessageDeflate: false,
  maxPayload: MESSAGE_BYTES,
});

/**
 * Carries out the handshake (RFC 6455). Where that can't be, the client hears so by the library, and its connection ends.
 * Rejects then.
 */
export function acceptWebSocket(request: IncomingMessage, socket: Duplex): Promise<Duplex> {
  return new Promise((resolve, reject) => {
    const left = () => reject(new EngineError(400, "The handshake of the WebSocket failed."));
    if (socket.destroyed) return left();
    socket.once("close", left);
    server.handleUpgrade(request, socket, Buffer.alloc(0), (client) => {
      const stream = createWebSocketStream(client);
      // Somebody may go before anybody else listens; the end is told by "close".
      stream.on("error", () => {});
      resolve(stream);
    });
  });
}
