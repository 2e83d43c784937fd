/*
 * npm run bench -- engine [--json] [row …]
 *
 * One docker client, pointed in turns at a session of a whole Slipway that the bench starts for itself (PostgreSQL, web, worker)
 * and at Debian's dockerd of the same version as the client, which has a directory, a socket and a bridge of its own.
 */
import path from "node:path";
import { findDocker, startDocker } from "../../worker/src/builder/conformance/docker-fixture.ts";
import { loadImage } from "../../worker/src/builder/conformance/docker-side-fixture.ts";
import { openPeerNetwork } from "./build/peer-network.ts";
import { type DockerHost, dockerHost, onlyEngineSocket } from "./engine/hosts.ts";
import { type Bench, MEASURES } from "./engine/rows.ts";
import { measureRows, note, noteMachine, readWish, runBench, untilInterrupted } from "./run.ts";
import { Person } from "./sessions/person.ts";
import { memoryBytes, RunningSlipway } from "./sessions/slipway.ts";

/** That of the bench of sessions: base images are made once. */
const DIRECTORY = "/var/tmp/slipway-sessions-bench";
const IMAGE = "busybox";

const wish = readWish(MEASURES.flatMap(({ rows }) => rows));

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
    const bench: Bench = {
      ours,
      peer: opened.peer.host,
      peerName: `dockerd ${docker.version}`,
      memoryBytes: () =>
        [slipway.workerPid, ...slipway.keeperPids].reduce((sum, pid) => sum + memoryBytes(pid), 0),
      note,
    };
    await measureRows(MEASURES, wish, bench);
    noteMachine();
  };
  try {
    await untilInterrupted(work());
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
const obstacle =
  docker === null
    ? "There is no docker to compare with and to ask with: npm run bench -- set-up installs it."
    : null;
await runBench(wish, obstacle, async () => {
  if (docker !== null) await main(docker);
});
