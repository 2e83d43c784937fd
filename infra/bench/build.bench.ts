/*
 * npm run bench -- build [--json] [row …]
 *
 * The builder against Docker's classic builder, BuildKit and buildah, as far as they are installed; `npm run bench -- set-up`
 * installs them. All start from the same base images. Ours is timed from the call of the builder to its image event, with the
 * context packed by tar while it is read; the peers from the start of their command to its end. The best of three (copy-20k:
 * two) repetitions counts on both sides. RUN has an isolated network that reaches the internet on all sides: the peers' default.
 */
import { existsSync, readdirSync } from "node:fs";
import { chmod, mkdir, mkdtemp } from "node:fs/promises";
import path from "node:path";
import { openPeerNetwork, type PeerNetwork } from "./build/peer-network.ts";
import { type Peers, removeDirectory, startPeers } from "./build/peers.ts";
import { type Bench, COMPARED, IMAGES, ROWS, type RowName } from "./build/rows.ts";
import { bundleSlipway, Slipway } from "./build/slipway.ts";
import { measureRows, note, noteMachine, readWish, runBench, untilInterrupted } from "./run.ts";

const PARENT = "/var/tmp";
const PREFIX = "slipway-build-bench-";
const DIRECTORY_NAME = /^slipway-build-bench-(\d+)-[A-Za-z0-9]{6}$/;
/** The base images, made once on a machine. */
const IMAGES_DIRECTORY = path.join(PARENT, "slipway-images-bench");

const wish = readWish(Object.keys(ROWS) as RowName[]);
const chosen = wish.names.filter(wish.wants);

/** What a bench left that was killed: its process is gone. */
async function removeAbandoned(): Promise<void> {
  for (const name of readdirSync(PARENT)) {
    const pid = DIRECTORY_NAME.exec(name)?.[1];
    if (pid !== undefined && !existsSync(`/proc/${pid}`)) await removeDirectory(path.join(PARENT, name));
  }
}

const imagesOf = (rows: readonly RowName[]) => [...new Set(rows.flatMap((name) => IMAGES[name]))];

async function makeImages(images: readonly string[]): Promise<void> {
  await mkdir(IMAGES_DIRECTORY, { recursive: true, mode: 0o711 });
  const slipway = await Slipway.start(IMAGES_DIRECTORY, PARENT, { inPlace: true });
  try {
    await slipway.do({ kind: "make-images", names: images });
  } finally {
    await slipway.close();
  }
}

async function measure(directory: string, peers: Peers): Promise<void> {
  const bench: Bench = { directory, images: IMAGES_DIRECTORY, peers: peers.peers, note };
  const measures = chosen.map((name) => ({ rows: [name], measure: async () => [await ROWS[name](bench)] }));
  await measureRows(measures, wish, bench);
  noteMachine(...peers.about);
}

async function main(): Promise<void> {
  await removeAbandoned();
  const directory = await mkdtemp(path.join(PARENT, `${PREFIX}${process.pid}-`));
  // Containers' own users walk through it.
  await chmod(directory, 0o711);
  const images = imagesOf(chosen);
  let network: PeerNetwork | null = null;
  let peers: Peers | null = null;
  const work = async () => {
    await bundleSlipway();
    await makeImages(images);
    const compared = imagesOf(chosen.filter((name) => COMPARED.has(name)));
    network = await openPeerNetwork();
    const layout = path.join(IMAGES_DIRECTORY, "content");
    peers = await startPeers(layout, compared, directory, network.namespacePath);
    await measure(directory, peers);
  };
  try {
    await untilInterrupted(work());
  } finally {
    await Slipway.closeAll();
    await (peers as Peers | null)?.close();
    await (network as PeerNetwork | null)?.close();
    await removeDirectory(directory);
  }
}

await runBench(wish, null, main);
