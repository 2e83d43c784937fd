import type { Duplex } from "node:stream";
import type { StreamListener } from "../../keeper/keeper.ts";
import { Attachment } from "../../session/containers/attachment.ts";
import { frame, type Stream } from "../frames.ts";
import type { DetachKeys } from "./detach-keys.ts";

export interface BridgeOptions {
  /** Output in Docker's frames; raw otherwise. */
  readonly multiplexed: boolean;
  readonly stdin: boolean;
  readonly streams: ReadonlySet<Stream>;
  /** What has to be known before a client is told of the end, since it asks right after. */
  readonly settled?: () => Promise<void>;
  /** Null: nothing that is typed ends the connection, as it has no terminal behind it. */
  readonly detachKeys: DetachKeys | null;
  /** Called when the client has left by its keys. */
  readonly left: () => void;
  /** Closes the process' stdin when the client has closed its half. */
  readonly endsInput: boolean;
}

/**
 * Connects a client's connection with the streams of a process. Each side waits for the other one: a client that does not read
 * makes the process wait, and a process that does not read makes the client wait.
 */
export function bridge(connection: Duplex, options: BridgeOptions): Attachment {
  const listener: StreamListener = {
    output(stream, data) {
      if (!options.streams.has(stream) || connection.destroyed) return true;
      if (connection.write(options.multiplexed ? frame(stream, data) : data)) return true;
      connection.once("drain", () => attachment.resume());
      return false;
    },
    ended: () => void (options.settled?.() ?? Promise.resolve()).then(() => connection.end()),
  };
  const attachment = new Attachment(listener);
  connection.on("data", (data: Buffer) => {
    if (!options.stdin || attachment.isClosed) return;
    const { input, isLeaving } = options.detachKeys?.take(data) ?? { input: data, isLeaving: false };
    const goesOn = input.byteLength === 0 || attachment.write(input, () => connection.resume());
    if (isLeaving) {
      attachment.close();
      connection.end(() => connection.destroy());
      options.left();
    } else if (!goesOn) connection.pause();
  });
  connection.on("end", () => {
    if (options.stdin && options.endsInput && !attachment.isClosed) attachment.endInput();
  });
  connection.on("error", () => connection.destroy());
  connection.on("close", () => attachment.close());
  return attachment;
}
