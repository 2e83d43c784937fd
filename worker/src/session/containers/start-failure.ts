import { SlipwayError } from "@slipway/protocol";

/** Exit codes of a container that could not be started, as Docker has them: not found, and everything else. */
const NOT_FOUND = 127;
const NOT_STARTED = 128;

/** Also in crun's words. */
const IS_DIRECTORY = /is a directory|open executable: operation not permitted/i;

export const exitCodeOf = (error: SlipwayError): number =>
  error.code === "command-not-found" ? NOT_FOUND : NOT_STARTED;

/** Clients tell by the words whether they exit with 127, 126 or 125. */
export function inDockersWords(error: SlipwayError): SlipwayError {
  const why =
    error.code === "command-not-found"
      ? `exec: "${error.params.command ?? ""}": executable file not found in $PATH`
      : /permission denied/i.test(error.message)
        ? "permission denied"
        : IS_DIRECTORY.test(error.message)
          ? "is a directory"
          : null;
  if (why === null) return error;
  const sentence = `failed to create task for container: OCI runtime create failed: ${why}: unknown`;
  return new SlipwayError("command-not-found", sentence, { cause: error, params: error.params });
}
