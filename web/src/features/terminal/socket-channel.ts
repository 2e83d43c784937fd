import {
  type AttachReply,
  attachReplySchema,
  type BrowserToWorker,
  GATEWAY_SOCKET_PATH,
  outputSchema,
  PROTOCOL_VERSION,
  recordingSchema,
  SlipwayError,
  TERMINALS_NAMESPACE,
  takenSchema,
  terminalExitSchema,
  terminalSizeSchema,
  type WorkerToBrowser,
  wireErrorSchema,
} from "@slipway/protocol";
import { io, type Socket } from "socket.io-client";
import type { Channel, ChannelEvents } from "./terminal-client.ts";

/** Time that a gateway has for the handshake, and for the answer to an attach. */
const ANSWER_MS = 10_000;

type GatewaySocket = Socket<WorkerToBrowser, BrowserToWorker>;

/** The refusal in a failed handshake, where the gateway said why. */
const refusalOf = (error: Error): SlipwayError => {
  const wire = wireErrorSchema.safeParse("data" in error ? error.data : null);
  return wire.success
    ? SlipwayError.fromWire(wire.data)
    : new SlipwayError("worker-lost", error.message, { cause: error });
};

/** Binary payloads arrive as ArrayBuffer in a browser. */
const withBytes = (message: { data?: unknown } | null | undefined): unknown =>
  message?.data instanceof ArrayBuffer ? { ...message, data: new Uint8Array(message.data) } : message;

/** The same for the checkpoint in the answer to an attach. */
function withCheckpointBytes(reply: AttachReply): unknown {
  if (!reply?.ok || !reply.attached?.checkpoint) return reply;
  const { attached } = reply;
  return { ...reply, attached: { ...attached, checkpoint: withBytes(attached.checkpoint ?? undefined) } };
}

/**
 * Connects to the gateway of a session's worker. All that arrives is parsed; what does not fit ends the connection, and
 * the client asks again from the byte that it needs. Rejects with a SlipwayError.
 */
export function openSocketChannel(
  sessionId: string,
  ticket: string,
  client: string,
  events: ChannelEvents,
): Promise<Channel> {
  const socket: GatewaySocket = io(TERMINALS_NAMESPACE, {
    path: GATEWAY_SOCKET_PATH,
    query: { session: sessionId },
    auth: { protocolVersion: PROTOCOL_VERSION, ticket, client },
    transports: ["websocket"],
    reconnection: false,
    forceNew: true,
    timeout: ANSWER_MS,
  });
  listen(socket, events);
  return new Promise((resolve, reject) => {
    socket.once("connect", () => resolve(channelOf(socket)));
    socket.once("connect_error", (error) => {
      socket.disconnect();
      reject(refusalOf(error));
    });
  });
}

function listen(socket: GatewaySocket, events: ChannelEvents): void {
  socket.on("disconnect", () => events.lost());
  socket.on("output", (message) => {
    const output = outputSchema.safeParse(withBytes(message));
    if (output.success) events.output(output.data);
    else socket.disconnect();
  });
  socket.on("size", (message) => {
    const size = terminalSizeSchema.safeParse(message);
    if (size.success) events.size(size.data);
  });
  socket.on("taken", (message) => {
    const taken = takenSchema.safeParse(message);
    if (taken.success) events.taken(taken.data.id);
  });
  socket.on("recording", (message) => {
    const recording = recordingSchema.safeParse(message);
    if (recording.success) events.recording(recording.data);
  });
  socket.on("exit", (message) => {
    const exit = terminalExitSchema.safeParse(message);
    if (exit.success) events.exit(exit.data.exitCode);
  });
}

const channelOf = (socket: GatewaySocket): Channel => ({
  attach: async (next) => {
    const reply = await socket.timeout(ANSWER_MS).emitWithAck("attach", { next });
    return attachReplySchema.parse(withCheckpointBytes(reply));
  },
  input: (input) => void socket.emit("input", input),
  resize: (size) => void socket.emit("resize", size),
  acknowledge: (sequence) => void socket.emit("acknowledge", { sequence }),
  record: (command) => void socket.emit("record", command),
  close: () => {
    socket.off();
    socket.disconnect();
  },
});
