/*
 * npm run bench -- engine [--json] [row …]
 *
 * One docker client, pointed in turns at a session of a whole Slipway that the bench starts for itself (PostgreSQL, web, worker)
 * and at Debian's dockerd of the same version as the client, which has a directory, a socket and a bridge of its own.
 */
import { cpus, release, totalmem } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { findDocker, startDocker } from "../../worker/src/builder/conformance/docker-fixture.ts";
import { loadImage } from "../../worker/src/builder/conformance/docker-side-fixture.ts";
import { openPeerNetwork } from "./build/peer-network.ts";
import { type DockerHost, dockerHost, onlyEngineSocket } from "./engine/hosts.ts";
import { type Bench, MEASURES } from "./engine/rows.ts";
import { Person } from "./sessions/person.ts";
import { memoryBytes, RunningSlipway } from "./sessions/slipway.ts";
import { print, type Row } from "./table.ts";

/** That of the bench of sessions: base images are made once. */
const DIRECTORY = "/var/tmp/slipway-sessions-bench";
const IMAGE = "busybox";

const { values, positionals } = parseArgs({
  options: { json: { type: "boolean", default: false } },
  allowPositionals: true,
});
const names = MEASURES.flatMap(({ rows }) => rows);
const unknown = positionals.filter((name) => !names.includes(name));
const wanted = (name: string) => positionals.length === 0 || positionals.includes(name);

/** Stderr: what `--json` writes to stdout stays readable for programs. */
const note = (line: string) => process.stderr.write(`${line}\n`);

async function measure(bench: Bench): Promise<void> {
  const rows: Row[] = [];
  for (const { rows: those, measure: carryOut } of MEASURES.filter(({ rows: some }) => some.some(wanted))) {
    note(`measuring ${those.join(", ")}`);
    const measured = (await carryOut(bench)).filter(({ row }) => wanted(row));
    rows.push(...measured);
    if (values.json) print(measured, true);
  }
  if (!values.json) print(rows, false);
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? "core"}, ${Math.round(totalmem() / 1024 ** 3)} GiB`;
  note([machine, `kernel ${release()}`, `Node ${process.versions.node}`].join(", "));
}

type Docker = NonNullable<ReturnType<typeof findDocker>>;

async function openPeer(docker: Docker, layout: string) {
  const network = await openPeerNetwork();
  try {
    const daemon = await startDocker(docker, network.namespacePath);
    await loadImage(daemon, layout, IMAGE);
    const socket = path.join(daemon.root, "socket");
    return {
      host: dockerHost("dockerd", docker.client, socket, daemon.root) as DockerHost,
      close: async () => {
        await daemon.close();
        await network.close();
      },
    };
  } catch (error) {
    await network.close();
    throw error;
  }
}

async function main(docker: Docker): Promise<void> {
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
      process.once(signal, () => reject(new Error(`The bench was ended by ${signal}.`)));
  });
  const slipway = await RunningSlipway.start(DIRECTORY, note);
  const opened: { peer: Awaited<ReturnType<typeof openPeer>> | null } = { peer: null };
  const work = async () => {
    const person = await Person.enter(slipway.url, `FROM ${IMAGE}\nCMD ["sh"]\n`);
    await person.launch();
    const worker = path.join(DIRECTORY, "worker");
    opened.peer = await openPeer(docker, path.join(worker, "content"));
    const ours = dockerHost("Slipway", docker.client, await socketIn(worker), DIRECTORY);
    // As `docker run` would the first time.
    await ours.time("pull", IMAGE);
    await measure({
      ours,
      peer: opened.peer.host,
      peerName: `dockerd ${docker.version}`,
      memoryBytes: () =>
        [slipway.workerPid, ...slipway.keeperPids].reduce((sum, pid) => sum + memoryBytes(pid), 0),
      note,
    });
  };
  try {
    await Promise.race([work(), interrupted]);
  } finally {
    await opened.peer?.close();
    await slipway.stop();
  }
}

/** A session is answered for a moment after its launch. */
async function socketIn(worker: string): Promise<string> {
  for (const deadline = performance.now() + 30_000; ; ) {
    try {
      return onlyEngineSocket(worker);
    } catch (error) {
      if (performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

const docker = findDocker();
if (unknown.length > 0) {
  console.error(`Which row? ${names.join(" ")}`);
  process.exitCode = 2;
} else if (process.getuid?.() !== 0) {
  console.error("Sessions need root: run the bench with sudo.");
  process.exitCode = 2;
} else if (docker === null) {
  console.error("There is no docker to compare with and to ask with: npm run bench -- set-up installs it.");
  process.exitCode = 2;
} else {
  await main(docker).then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}
