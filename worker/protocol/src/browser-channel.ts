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

export const terminalSizeSchema = z.object({
  rows: z.number().int().min(1).max(1000),
  cols: z.number().int().min(1).max(1000),
});
export type TerminalSize = z.infer<typeof terminalSizeSchema>;

/** The handshake's `auth`. */
export const terminalHandshakeSchema = z.object({
  protocolVersion: z.number().int(),
  ticket: z.string().min(1).max(4096),
});

/** `next`: the sequence number of the first byte wanted, or null for all that is kept. */
export const attachSchema = z.object({ next: z.number().int().nonnegative().nullable() });
export type Attach = z.infer<typeof attachSchema>;

export const attachedSchema = z.object({
  /** Where the output that follows starts; later than asked when older bytes are no longer kept. */
  start: z.number().int().nonnegative(),
  size: terminalSizeSchema,
  role: z.enum(["view", "drive"]),
});
export type Attached = z.infer<typeof attachedSchema>;

const bytes = z.custom<Uint8Array>((value) => value instanceof Uint8Array, "expected bytes");

export const outputSchema = z.object({ sequence: z.number().int().nonnegative(), data: bytes });
export type Output = z.infer<typeof outputSchema>;

/** `id` rises with every message of one viewer; the worker drops what it has seen. */
export const inputSchema = z.object({
  id: z.number().int().nonnegative(),
  data: bytes.refine((data) => data.byteLength <= INPUT_CHUNK_BYTES, "too many bytes in one message"),
});
export type Input = z.infer<typeof inputSchema>;

export const acknowledgeSchema = z.object({ sequence: z.number().int().nonnegative() });
export type Acknowledge = z.infer<typeof acknowledgeSchema>;

export const terminalExitSchema = z.object({ exitCode: z.number().int() });
export type TerminalExit = z.infer<typeof terminalExitSchema>;

export const attachReplySchema = z.discriminatedUnion("ok", [
  z.object({ ok: z.literal(true), attached: attachedSchema }),
  z.object({ ok: z.literal(false), error: wireErrorSchema }),
]);
export type AttachReply = z.infer<typeof attachReplySchema>;

/** Events that the worker listens to. */
export interface BrowserToWorker {
  attach: (attach: Attach, answer: (reply: AttachReply) => void) => void;
  input: (input: Input) => void;
  resize: (size: TerminalSize) => void;
  /** All output below `sequence` has been drawn. */
  acknowledge: (acknowledge: Acknowledge) => void;
}

/** Events that the browser listens to. */
export interface WorkerToBrowser {
  output: (output: Output) => void;
  size: (size: TerminalSize) => void;
  exit: (exit: TerminalExit) => void;
}
