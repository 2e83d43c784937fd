import { type ErrorCode, SlipwayError } from "@slipway/protocol";
import { errnoOf } from "../content/atomic-file.ts";

/** The statuses that the Docker Engine API documents for what goes wrong. */
export type ErrorStatus = 400 | 401 | 403 | 404 | 406 | 408 | 409 | 413 | 500 | 501 | 503;

/** A refusal in Docker's form: an HTTP status and one clear sentence. */
export class EngineError extends Error {
  override readonly name = "EngineError";
  readonly status: ErrorStatus;

  constructor(status: ErrorStatus, message: string, cause?: unknown) {
    super(message, cause === undefined ? undefined : { cause });
    this.status = status;
  }
}

/** A build that failed by the exit code of a command. */
export class CommandError extends EngineError {
  readonly code: number;

  constructor(command: string, code: number) {
    super(500, `The command '${command}' returned a non-zero code: ${code}`);
    this.code = code;
  }
}

/** Errors of Slipway that are not somebody's defect, as a docker client knows them. */
const STATUS_OF: Partial<Record<ErrorCode, ErrorStatus>> = {
  "image-missing": 404,
  "base-image-missing": 404,
  "container-missing": 404,
  "container-conflict": 409,
  "container-limit": 409,
  "container-refused": 403,
  "network-missing": 404,
  "volume-limit": 409,
  "file-missing": 404,
  "session-missing": 404,
  "session-not-running": 409,
  "image-in-use": 409,
  "command-not-found": 400,
  "user-unknown": 400,
  "request-invalid": 400,
  "dockerfile-invalid": 400,
  "dockerfile-missing": 400,
  "context-invalid": 400,
  "archive-invalid": 400,
  "context-too-large": 413,
  "registry-unauthorized": 401,
  "platform-missing": 404,
  forbidden: 403,
};
/** Characters of a sentence that a client is told. */
const MOST_CHARACTERS = 4096;

/** What a docker client is told of anything that was thrown. */
export function toEngineError(thrown: unknown): EngineError {
  if (thrown instanceof EngineError) return thrown;
  const errno = errnoOf(thrown);
  // Its own words name places of the worker, which are nobody's business.
  if (errno !== null && !(thrown instanceof SlipwayError)) {
    return new EngineError(500, `The worker could not do this (${errno}).`, thrown);
  }
  const error = SlipwayError.from(thrown);
  return new EngineError(STATUS_OF[error.code] ?? 500, error.message.slice(0, MOST_CHARACTERS), thrown);
}
