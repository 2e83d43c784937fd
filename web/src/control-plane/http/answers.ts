import type { ServerResponse } from "node:http";
import type { Duplex } from "node:stream";

/** A plain answer of one sentence. */
export function answerText(response: ServerResponse, status: number, sentence: string): void {
  if (response.headersSent) {
    response.destroy();
    return;
  }
  response.writeHead(status, { "content-type": "text/plain; charset=utf-8", "cache-control": "no-store" });
  response.end(`${sentence}\n`);
}

/** The same to a connection that asked for an upgrade. */
export function refuseUpgrade(socket: Duplex, status: number, reason: string): void {
  socket.on("error", () => undefined);
  socket.end(`HTTP/1.1 ${status} ${reason}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
}
