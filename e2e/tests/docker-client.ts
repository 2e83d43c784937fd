import { execFile, execFileSync } from "node:child_process";
import { accessSync, constants, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { createServer } from "node:tls";

/** Longest run of a command. */
const COMMAND_MS = 60_000;

/** Programs called docker on this machine: of Debian, and what else is there. */
export function dockerClients(): string[] {
  return ["/usr/local/bin/docker", "/usr/bin/docker"].filter((file) => {
    try {
      accessSync(file, constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** A person's own machine, with a docker client and its own configuration. */
export class OwnMachine {
  readonly #directory = mkdtempSync(path.join(tmpdir(), "slipway-own-machine-"));
  readonly #client: string;

  constructor(client: string) {
    this.#client = client;
  }

  get directory(): string {
    return this.#directory;
  }

  /** Types a line as the page shows it. */
  line(line: string): Promise<string> {
    return this.#run("sh", ["-c", line.replace(/^docker /, `${this.#client} `)], "");
  }

  docker(args: readonly string[], input = ""): Promise<string> {
    return this.#run(this.#client, args, input);
  }

  #run(program: string, args: readonly string[], input: string): Promise<string> {
    const env = { PATH: process.env.PATH, HOME: this.#directory, DOCKER_BUILDKIT: "0" };
    return new Promise((resolve, reject) => {
      const child = execFile(program, [...args], { env, timeout: COMMAND_MS }, (error, stdout, stderr) =>
        error === null ? resolve(stdout) : reject(new Error(`${args.join(" ")}: ${stdout}${stderr}`)),
      );
      child.stdin?.on("error", () => undefined);
      child.stdin?.end(input);
    });
  }

  forget(): void {
    rmSync(this.#directory, { recursive: true, force: true });
  }
}

/** What stands before a Slipway on the internet: TLS with a certificate for localhost, and the server behind it. */
export async function startTlsFront(port: number, directory: string) {
  const [key, certificate] = [path.join(directory, "key.pem"), path.join(directory, "ca.pem")];
  const made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=localhost"];
  const names = ["-addext", "subjectAltName=DNS:localhost"];
  execFileSync("openssl", ["req", ...made, ...names, "-keyout", key, "-out", certificate], {
    stdio: "ignore",
  });
  const options = { key: readFileSync(key), cert: readFileSync(certificate), allowHalfOpen: true };
  const server = createServer(options, (client) => {
    const behind = connect({ host: "127.0.0.1", port, allowHalfOpen: true });
    const end = () => {
      client.destroy();
      behind.destroy();
    };
    for (const side of [client, behind]) side.on("error", end);
    client.pipe(behind).pipe(client);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { port: (server.address() as AddressInfo).port, certificate, stop: () => server.close() };
}
