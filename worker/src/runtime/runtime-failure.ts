import { SlipwayError } from "@slipway/protocol";

/** In these words crun, runc and runsc say that a program is missing. */
const MISSING =
  /executable file [`'"]?(.*?)[`'"]?:? not found|exec: "(.*?)": .*no such file|finding executable "(.*?)".*no such file|failed to load (\S+?): no such file/i;

/** What a runtime's own words mean: `command-not-found`, or `runtime-failed` with them as the reason. */
export function runtimeFailure(message: string): SlipwayError {
  const missing = MISSING.exec(message);
  if (missing !== null) {
    const command = missing[1] ?? missing[2] ?? missing[3] ?? missing[4] ?? "";
    return new SlipwayError("command-not-found", message, { params: { command } });
  }
  return new SlipwayError("runtime-failed", `The OCI runtime failed: ${message}`, {
    params: { reason: message },
  });
}
