import { z } from "zod";
import { wireErrorSchema } from "./errors.ts";

/*
 * The channel between a browser and a worker's gateway: socket.io over websocket, one connection per terminal.
 * The connection's query names the session, so that a control plane in between can route it without opening it:
 *   <origin>/gateway/socket.io?session=<session id>
 * Output bytes are numbered from 0 over the terminal's whole life. A client that comes back says the number it wants
 * next and gets exactly the rest.
 */

export const TERMINALS_NAMESPACE = "/terminals";
export const GATEWAY_SOCKET_PATH = "/gateway/socket.io";

/** A terminal's output that the worker keeps for viewers who come late or come back. */
export const SCROLLBACK_BYTES = 1024 * 1024;
/** Output that may be on its way to one viewer before the worker waits for acknowledgements. */
export const OUTPUT_WINDOW_BYTES = 1024 * 1024;
/** Waiting ends when no more than this is outstanding. */
export const OUTPUT_RESUME_BYTES = 512 * 1024;
/** Largest payload of one `output` message. */
export const OUTPUT_CHUNK_BYTES = 64 * 1024;
/** Largest payload of one `input` message. */
export const INPUT_CHUNK_BYTES = 64 * 1024;
/**
 * Input that one client may have on its way, not yet `taken`, each message counted with INPUT_OVERHEAD_BYTES more than its
 * payload; whoever sends more is disconnected.
 */
export const INPUT_WINDOW_BYTES = 128 * 1024;
export const INPUT_OVERHEAD_BYTES = 64;

export const terminalSizeSchema = z.object({
  rows: z.number().int().min(1).max(1000),
  cols: z.number().int().min(1).max(1000),
});
export type TerminalSize = z.infer<typeof terminalSizeSchema>;

/** Largest checkpoint of a screen. */
export const CHECKPOINT_BYTES = 4 * 1024 * 1024;
/** Largest recording of a terminal, bytes of its file. */
export const RECORDING_BYTES = 32 * 1024 * 1024;

/**
 * The handshake's `auth`. `client` is chosen by the page at random and stays the same over all connections of one viewer to one
 * terminal: ids of input count within it.
 */
export const terminalHandshakeSchema = z.object({
  protocolVersion: z.number().int(),
  ticket: z.string().min(1).max(4096),
  client: z.string().regex(/^[A-Za-z0-9_-]{16,64}$/),
});

/** `next`: the sequence number of the first byte wanted, or null for all that is kept. */
export const attachSchema = z.object({ next: z.number().int().nonnegative().nullable() });
export type Attach = z.infer<typeof attachSchema>;

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, "expected bytes");

/**
 * What the screen of a terminal looks like after all bytes below the attachment's `start`: escape sequences that put an empty
 * terminal of `size` into that state, modes and scrollback included.
 */
export const checkpointSchema = z.object({
  size: terminalSizeSchema,
  data: bytes.refine((data) => data.byteLength <= CHECKPOINT_BYTES, "too large a checkpoint"),
});
export type Checkpoint = z.infer<typeof checkpointSchema>;

/** Of a recording under way. */
export const recordingSchema = z.object({
  /** Milliseconds since the epoch. */
  startedAt: z.number().int().positive(),
  bytes: z.number().int().nonnegative(),
  /** False when it has ended, by itself at RECORDING_BYTES or on demand, and can be fetched. */
  active: z.boolean(),
});
export type Recording = z.infer<typeof recordingSchema>;

export const attachedSchema = z.object({
  /** Where the output that follows starts; later than asked when older bytes are no longer kept. */
  start: z.number().int().nonnegative(),
  /**
   * Where the output that was kept at this moment ends. What the screen answers to bytes below it was answered when they were
   * new, and is not to be sent again.
   */
  end: z.number().int().nonnegative(),
  /** Size at `start`. Later sizes below `end` follow as `size` events between the bytes that they came between. */
  size: terminalSizeSchema,
  role: z.enum(["view", "drive"]),
  /** There when bytes before `start` were wanted and are no longer kept: the viewer begins anew with it. */
  checkpoint: checkpointSchema.nullable(),
  recording: recordingSchema.nullable(),
});
export type Attached = z.infer<typeof attachedSchema>;

export const outputSchema = z.object({ sequence: z.number().int().nonnegative(), data: bytes });
export type Output = z.infer<typeof outputSchema>;

/** `id` rises with every message of one client; what was seen is dropped, over reconnects and restarts of the worker too. */
export const inputSchema = z.object({
  id: z.number().int().nonnegative(),
  data: bytes.refine((data) => data.byteLength <= INPUT_CHUNK_BYTES, "too many bytes in one message"),
  /** True for what the screen answered by itself. With several drivers only the one who leads is heard. */
  reply: z.boolean().optional(),
});
export type Input = z.infer<typeof inputSchema>;

/** Input up to `id` has reached the process, or will: a client need not keep it any longer. */
export const takenSchema = z.object({ id: z.number().int().nonnegative() });
export type Taken = z.infer<typeof takenSchema>;

export const acknowledgeSchema = z.object({ sequence: z.number().int().nonnegative() });
export type Acknowledge = z.infer<typeof acknowledgeSchema>;

export const terminalExitSchema = z.object({ exitCode: z.number().int() });
export type TerminalExit = z.infer<typeof terminalExitSchema>;

export const attachReplySchema = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), attached: attachedSchema }),
  z.object({ ok: z.literal(false), error: wireErrorSchema }),
]);
export type AttachReply = z.infer<typeof attachReplySchema>;

/** Recording as asciicast v3: `start` begins a new file, `mark` writes a marker event. Only for who drives. */
export const recordCommandSchema = z.discriminatedUnion("action", [
  z.object({ action: z.literal("start") }),
  z.object({ action: z.literal("stop") }),
  z.object({ action: z.literal("mark"), label: z.string().max(200) }),
]);
export type RecordCommand = z.infer<typeof recordCommandSchema>;

/** Path of a terminal's newest recording on the gateway, with the terminal's ticket as `Authorization: Bearer`. */
export const recordingPath = (session: string, terminal: string): string =>
  `/gateway/recordings/${session}/${terminal}`;

/** Events that the worker listens to. */
export interface BrowserToWorker {
  record: (command: RecordCommand) => void;
  attach: (attach: Attach, answer: (reply: AttachReply) => void) => void;
  input: (input: Input) => void;
  resize: (size: TerminalSize) => void;
  /** All output below `sequence` has been drawn. */
  acknowledge: (acknowledge: Acknowledge) => void;
}

/** Events that the browser listens to. */
export interface WorkerToBrowser {
  output: (output: Output) => void;
  taken: (taken: Taken) => void;
  size: (size: TerminalSize) => void;
  exit: (exit: TerminalExit) => void;
  /** A recording has begun, grown or ended. */
  recording: (recording: Recording) => void;
}
