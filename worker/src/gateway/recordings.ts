import { createReadStream } from "node:fs";
import type { IncomingMessage, ServerResponse } from "node:http";
import { pipeline } from "node:stream/promises";
import { recordingPath, SlipwayError, sessionIdSchema, terminalIdSchema } from "@slipway/protocol";
import type { Logger } from "pino";
import type { GatewayRoute, TerminalDirectory } from "./gateway.ts";
import { answerError, fileHeaders } from "./route-answers.ts";
import type { TicketVerifier } from "./tickets.ts";

/** Begins the path of every recording. */
const PREFIX = recordingPath("", "").slice(0, -1);
/** Longest time in which the browser takes no byte. */
const SILENCE_TIMEOUT_MS = 60_000;

export interface RecordingsOptions {
  readonly tickets: TicketVerifier;
  readonly terminals: TerminalDirectory;
  readonly log: Logger;
}

/** Recordings of terminals as asciicast files: `GET recordingPath(session, terminal)` with the terminal's ticket. */
export class Recordings implements GatewayRoute {
  readonly #options: RecordingsOptions;

  constructor(options: RecordingsOptions) {
    this.#options = options;
  }

  matches(path: string): boolean {
    return path.startsWith(PREFIX);
  }

  async request(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      const { file, name } = await this.#admit(request);
      response.writeHead(200, fileHeaders("application/x-asciicast", `${name}.cast`));
      response.setTimeout(SILENCE_TIMEOUT_MS, () => response.destroy());
      await pipeline(createReadStream(file), response);
    } catch (thrown) {
      const { log } = this.#options;
      log[thrown instanceof SlipwayError ? "debug" : "warn"](
        { err: thrown },
        "a recording was not given out",
      );
      answerError(response, thrown);
    }
  }

  async #admit(request: IncomingMessage): Promise<{ file: string; name: string }> {
    if (request.method !== "GET") throw new SlipwayError("request-invalid", "A recording is fetched by GET.");
    const [path = ""] = (request.url ?? "").split("?", 1);
    const [sessionName, terminalName, ...more] = path.slice(PREFIX.length).split("/");
    const session = sessionIdSchema.safeParse(sessionName);
    const id = terminalIdSchema.safeParse(terminalName);
    if (!session.success || !id.success || more.length > 0)
      throw new SlipwayError("terminal-missing", "This is no terminal's name.");
    const ticket = /^Bearer (\S+)$/i.exec(request.headers.authorization ?? "")?.[1] ?? "";
    const { grant } = await this.#options.tickets.verify(ticket);
    if (grant.right !== "terminal" || grant.session !== session.data || grant.terminal !== id.data)
      throw new SlipwayError("ticket-invalid", "The ticket is for something else.");
    const terminal = await this.#options.terminals.find(session.data, id.data);
    const file = terminal?.recordingFile() ?? null;
    if (file === null) throw new SlipwayError("recording-missing", "There is no recording of this terminal.");
    return { file, name: id.data };
  }
}
