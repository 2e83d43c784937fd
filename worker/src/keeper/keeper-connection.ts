import { createConnection, type Socket } from "node:net";
import type { ProcessStreams, StreamListener } from "./keeper.ts";
import { encode, encodeInput, encodeResize, KeeperFrameDecoder } from "./keeper-frames.ts";

/** Connects to a keeper. `listens`: output is wanted, and not only the end. Rejects when none is there. */
export function connectKeeper(
  socketPath: string,
  listens: boolean,
  listener: StreamListener,
): Promise<ProcessStreams> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(socketPath);
    const decoder = new KeeperFrameDecoder();
    let exitCode: number | null = null;
    let isClosed = false;
    let isConnected = false;
    socket.on("connect", () => {
      isConnected = true;
      if (listens) socket.write(encode("listen"));
      else begin(0n);
    });
    const begin = (loggedUntil: bigint) => {
      const closing = () => {
        isClosed = true;
      };
      resolve({ loggedUntil, ...streamsOf(socket, closing) });
    };
    socket.on("data", (piece: Buffer) => {
      try {
        for (const frame of decoder.push(piece)) {
          if (frame.type === "exit") exitCode = frame.exitCode;
          else if (frame.type === "listening") begin(frame.loggedUntil);
          else if (!listener.output(frame.stream, frame.data)) socket.pause();
        }
      } catch (error) {
        socket.destroy(error instanceof Error ? error : undefined);
      }
    });
    socket.on("error", reject);
    socket.on("close", () => {
      reject(new Error("the keeper closed the connection"));
      if (isConnected && !isClosed) listener.ended(exitCode);
    });
  });
}

function streamsOf(socket: Socket, closing: () => void): Omit<ProcessStreams, "loggedUntil"> {
  return {
    write(data, drained) {
      let isRoom = true;
      for (const piece of encodeInput(data)) isRoom = socket.write(piece);
      if (!isRoom) socket.once("drain", drained);
      return isRoom;
    },
    endInput: () => void socket.write(encode("inputEnds")),
    resize: (size) => void socket.write(encodeResize(size)),
    resume: () => void socket.resume(),
    close() {
      closing();
      socket.destroy();
    },
  };
}
