/*
 * npm run bench -- sessions [--json] [row …]
 *
 * Sessions of a whole Slipway that the bench starts for itself (PostgreSQL, web, worker), used as the page uses it: tRPC for
 * the launch, socket.io through the web server for the terminal. Peers, each in the same run: Docker's `docker run -it` and
 * crun by itself on a pty of their own, and a terminal server of `ws` and a pty and nothing else.
 */
import path from "node:path";
import { findDocker, startDocker } from "../../worker/src/builder/conformance/docker-fixture.ts";
import { loadImage } from "../../worker/src/builder/conformance/docker-side-fixture.ts";
import { openPeerNetwork } from "./build/peer-network.ts";
import { measureRows, note, noteMachine, readWish, runBench, untilInterrupted } from "./run.ts";
import { type Bench, IMAGE, MEASURES } from "./sessions/rows.ts";
import { RunningSlipway } from "./sessions/slipway.ts";

/** Kept from one bench to the next: the first one makes the base images. */
const DIRECTORY = "/var/tmp/slipway-sessions-bench";

const wish = readWish(MEASURES.flatMap(({ rows }) => rows));

/** `docker run -it` needs a daemon with the image, in a network of its own. */
async function openDocker(layout: string) {
  const found = findDocker();
  if (!found) return null;
  const network = await openPeerNetwork();
  try {
    const daemon = await startDocker(found, network.namespacePath);
    await loadImage(daemon, layout, IMAGE);
    const host = `unix://${path.join(daemon.root, "socket")}`;
    note(`Docker ${daemon.version}`);
    return {
      command: ["docker", "--host", host, "run", "--interactive", "--tty", IMAGE, "bash"],
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

async function main(): Promise<void> {
  const slipway = await RunningSlipway.start(DIRECTORY, note);
  let docker: Awaited<ReturnType<typeof openDocker>> = null;
  const work = async () => {
    if (wish.wants("launch")) docker = await openDocker(path.join(DIRECTORY, "worker/content"));
    const bench: Bench = { slipway, directory: DIRECTORY, dockerRun: docker?.command ?? null, note };
    await measureRows(MEASURES, wish, bench);
    noteMachine();
  };
  try {
    await untilInterrupted(work());
  } finally {
    await (docker as Awaited<ReturnType<typeof openDocker>>)?.close();
    await slipway.stop();
  }
}

await runBench(wish, null, main);
