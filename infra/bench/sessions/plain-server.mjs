// What a terminal in the browser needs at least: one pty (descriptor 3, see on-pty.py), one WebSocket, no numbers, no limits.
import { ReadStream, WriteStream } from "node:tty";
import { WebSocketServer } from "ws";

const MASTER = 3;
const input = new WriteStream(MASTER);
const output = new ReadStream(MASTER);
const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate: false });

server.on("connection", (socket) => {
  output.on("data", (data) => socket.send(data));
  socket.on("message", (data) => input.write(String(data)));
  socket.on("close", () => process.exit(0));
});
server.on("listening", () => {
  const address = server.address();
  if (typeof address === "object") process.stdout.write(`${address?.port}\n`);
});
// Without the bench nobody needs it.
process.stdin.on("end", () => process.exit(0)).resume();
