import type { DockerAddress } from "../../rpc/client.ts";

/** Where most systems keep the authorities that they trust: the client asks for TLS only where it is given some. */
const AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt";

/** What to type on one's own machine, so that docker there uses the session. */
export function contextCommands({ host, isSecure }: DockerAddress, session: string): string {
  const name = `slipway-${session.slice(0, 8)}`;
  const endpoint = `host=${host}${isSecure ? `,ca=${AUTHORITIES}` : ""}`;
  return `docker context create ${name} --docker "${endpoint}"\ndocker --context ${name} ps`;
}
