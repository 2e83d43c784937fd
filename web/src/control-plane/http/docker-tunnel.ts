import { request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { request as httpsRequest } from "node:https";
import { connect, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream";
import { connect as connectTls } from "node:tls";

/*
 * Bytes between docker clients and the gateway of a worker. Unlike what browsers ask, their requests may be silent for hours (`logs`,
 * `wait`, `events`), and ask for upgrades to no protocol that a proxy knows, with a body before and an end of their own in the middle.
 */

/** Longest wait for a gateway to take a connection; after that, silence is the clients' own affair. */
const CONNECT_TIMEOUT_MS = 15_000;

/** Fields of one connection only, which say nothing of the next (RFC 9110 section 7.6.1). */
const HOP_BY_HOP = new Set(["connection", "keep-alive", "upgrade", "transfer-encoding", "proxy-connection"]);

/** Passes on a request and its answer, each as it comes. */
export function passDockerRequest(
  gateway: string,
  request: IncomingMessage,
  response: ServerResponse,
  failed: (error: Error) => void,
): void {
  const target = new URL(gateway);
  const headers = Object.fromEntries(
    Object.entries(request.headers).filter(([name]) => !HOP_BY_HOP.has(name) && name !== "cookie"),
  );
  const ask = target.protocol === "https:" ? httpsRequest : httpRequest;
  const asked = ask({
    hostname: target.hostname,
    port: target.port,
    method: request.method,
    path: request.url,
    headers,
    agent: false,
  });
  asked.on("error", failed);
  asked.on("socket", (socket) => giveUpLate(socket, (error) => asked.destroy(error)));
  asked.on("response", (answer) => {
    const fields = Object.entries(answer.headers).filter(
      ([name]) => !HOP_BY_HOP.has(name) && name !== "set-cookie",
    );
    response.writeHead(answer.statusCode ?? 502, Object.fromEntries(fields));
    // Clients go on when they have the head of an answer, whose body may never come.
    response.flushHeaders();
    pipeline(answer, response, () => asked.destroy());
  });
  response.on("close", () => asked.destroy());
  request.pipe(asked);
  asked.flushHeaders();
}

/** Passes on a request for an upgrade, and then both directions until each has ended by itself. */
export function passDockerUpgrade(
  gateway: string,
  request: IncomingMessage,
  socket: Duplex,
  head: Buffer,
): void {
  const target = new URL(gateway);
  const isSecure = target.protocol === "https:";
  const port = Number(target.port || (isSecure ? 443 : 80));
  const onward = isSecure
    ? connectTls({ host: target.hostname, port, servername: target.hostname })
    : connect({ host: target.hostname, port, allowHalfOpen: true });
  const fields = Object.entries(request.headersDistinct)
    .filter(([name]) => name !== "cookie")
    .flatMap(([name, values]) => (values ?? []).map((value) => `${name}: ${value}\r\n`));
  onward.write(`${request.method} ${request.url} HTTP/1.1\r\n${fields.join("")}\r\n`);
  onward.write(head);
  const end = () => {
    socket.destroy();
    onward.destroy();
  };
  for (const side of [socket, onward]) side.on("error", end);
  giveUpLate(onward, end);
  // `pipe` hands on the end of one direction and leaves the other one open.
  socket.pipe(onward);
  onward.pipe(socket);
  socket.on("close", () => onward.destroy());
  onward.on("close", () => socket.end());
}

/** Calls `late` when a socket is not connected in time. */
function giveUpLate(socket: Socket, late: (error: Error) => void): void {
  const timer = setTimeout(() => late(new Error("The gateway took no connection.")), CONNECT_TIMEOUT_MS);
  const stop = () => clearTimeout(timer);
  socket.once("connect", stop).once("close", stop);
}
