import type { IncomingMessage, ServerResponse } from "node:http";

/**
 * Passes a container's answer on. @throws what Node throws at a head that HTTP does not have; nothing is sent then.
 *
 * The body goes on in as few pieces as there are reads: a container may cut it into a thousand chunks per read, and each would
 * cost the event loop as much as a large one. Each read waits for `inTurn` to call. The caller looks after both ends when either breaks.
 */
export function passAnswer(
  answer: IncomingMessage,
  response: ServerResponse,
  inTurn: (read: () => void) => void,
): void {
  const { statusCode = 0, statusMessage, headers } = answer;
  if (statusMessage) response.writeHead(statusCode, statusMessage, headers);
  else response.writeHead(statusCode, headers);
  // An event stream's head is worth something before its first event.
  response.flushHeaders();
  let waits = false;
  const pass = () => {
    waits = false;
    if (answer.destroyed || response.destroyed || response.writableNeedDrain) return;
    // All that has arrived, as one piece.
    const piece: Buffer | null = answer.read();
    if (piece !== null) response.write(piece);
  };
  const next = () => {
    if (waits) return;
    waits = true;
    inTurn(pass);
  };
  answer.on("readable", next).on("end", () => response.end());
  response.on("drain", next);
}
