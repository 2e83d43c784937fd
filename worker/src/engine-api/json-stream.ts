import { PassThrough } from "node:stream";
import { CommandError, toEngineError } from "./engine-error.ts";
import type { ProgressLine, Tell } from "./images/progress-lines.ts";
import type { Answer } from "./route.ts";

/** What waits for a slow client; above it, lines that only say how far something is are left out. */
const MOST_WAITING_BYTES = 1024 * 1024;

/**
 * Answers with a stream of JSON messages, one a line, as work tells them. What fails before anything was told is an ordinary
 * error with its status; later it is the last line, as the head has left. With `tellsAll` it is a line in any case.
 */
export async function streamedAnswer(
  work: (tell: Tell) => Promise<void>,
  { tellsAll = false } = {},
): Promise<Answer> {
  const body = new PassThrough();
  let begin: () => void = () => {};
  const begun = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const tell = (line: ProgressLine): void => {
    begin();
    if (line.progress !== undefined && body.writableLength > MOST_WAITING_BYTES) return;
    if (body.writable) body.write(`${JSON.stringify(line)}\r\n`);
  };
  let hasBegun = tellsAll;
  const done = work(tell).then(
    () => body.end(),
    (error: unknown) => {
      if (!hasBegun) throw error;
      const known = toEngineError(error);
      const { message } = known;
      const code = known instanceof CommandError ? { code: known.code } : {};
      tell({ errorDetail: { ...code, message }, error: message });
      body.end();
    },
  );
  // What is thrown later is told in the stream.
  done.catch(() => undefined);
  await Promise.race([begun, done]);
  hasBegun = true;
  return { kind: "stream", status: 200, type: "application/json", body };
}
