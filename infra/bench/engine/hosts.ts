import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

/** Longest run of one command. */
const COMMAND_MS = 5 * 60_000;

/** A Docker host that the same client is pointed at: a session's, or a dockerd. */
export interface DockerHost {
  readonly name: string;
  /** Milliseconds that a command takes, from its start to its end. Rejects when it ends badly. */
  time(...args: readonly string[]): Promise<number>;
}

/** `client`: the docker program; `home`: for its configuration. */
export function dockerHost(name: string, client: string, socket: string, home: string): DockerHost {
  const env = { PATH: process.env.PATH, HOME: home, DOCKER_HOST: `unix://${socket}`, DOCKER_BUILDKIT: "0" };
  return {
    name,
    async time(...args) {
      const started = performance.now();
      const child = spawn(client, args, { env, stdio: ["ignore", "ignore", "pipe"], timeout: COMMAND_MS });
      let said = "";
      child.stderr.on("data", (chunk: Buffer) => {
        said = `${said}${chunk}`.slice(-2_000);
      });
      const [code] = await once(child, "close");
      if (code !== 0) throw new Error(`${name}: docker ${args.join(" ")} ended with ${code}:\n${said}`);
      return performance.now() - started;
    },
  };
}

/** The socket of the only session of a worker that keeps its things in `directory`. */
export function onlyEngineSocket(directory: string): string {
  const engines = path.join(directory, "engine");
  const sockets = readdirSync(engines)
    .map((place) => path.join(engines, place, "docker.sock"))
    .filter((socket) => existsSync(socket));
  const [socket] = sockets;
  if (socket === undefined || sockets.length > 1)
    throw new Error(`The worker has ${sockets.length} sessions, and should have one.`);
  return socket;
}
