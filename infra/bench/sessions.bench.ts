/*
 * npm run bench -- sessions [--json] [row …]
 *
 * Sessions of a whole Slipway that the bench starts for itself (PostgreSQL, web, worker), used as the page uses it: tRPC for
 * the launch, socket.io through the web server for the terminal. Peers, each in the same run: Docker's `docker run -it` and
 * crun by itself on a pty of their own, and a terminal server of `ws` and a pty and nothing else.
 */
import { cpus, release, totalmem } from "node:os";
import path from "node:path";
import { parseArgs } from "node:util";
import { findDocker, startDocker } from "../../worker/src/builder/conformance/docker-fixture.ts";
import { loadImage } from "../../worker/src/builder/conformance/docker-side-fixture.ts";
import { openPeerNetwork } from "./build/peer-network.ts";
import { type Bench, IMAGE, MEASURES } from "./sessions/rows.ts";
import { RunningSlipway } from "./sessions/slipway.ts";
import { print, type Row } from "./table.ts";

/** Kept from one bench to the next: the first one makes the base images. */
const DIRECTORY = "/var/tmp/slipway-sessions-bench";

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
  const interrupted = new Promise<never>((_, reject) => {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"])
      process.once(signal, () => reject(new Error(`The bench was ended by ${signal}.`)));
  });
  const slipway = await RunningSlipway.start(DIRECTORY, note);
  let docker: Awaited<ReturnType<typeof openDocker>> = null;
  const work = async () => {
    if (wanted("launch")) docker = await openDocker(path.join(DIRECTORY, "worker/content"));
    await measure({ slipway, directory: DIRECTORY, dockerRun: docker?.command ?? null, note });
  };
  try {
    await Promise.race([work(), interrupted]);
  } finally {
    await (docker as Awaited<ReturnType<typeof openDocker>>)?.close();
    await slipway.stop();
  }
}

if (unknown.length > 0) {
  console.error(`Which row? ${names.join(" ")}`);
  process.exitCode = 2;
} else if (process.getuid?.() !== 0) {
  console.error("Sessions need root: run the bench with sudo.");
  process.exitCode = 2;
} else {
  await main().then(
    () => process.exit(0),
    (error: unknown) => {
      console.error(error);
      process.exit(1);
    },
  );
}
