import { closeSync, openSync } from "node:fs";
import { LayerPacker } from "@slipway/native";
import type { ImageStore } from "../../image-store/image-store.ts";
import { makeFiles } from "../../session/containers/container-ground.ts";
import type { SessionContainer } from "../../session/containers/session-container.ts";
import { makeMountPoints } from "../../session/mount-points.ts";
import type { SessionHost } from "../../session/session-host.ts";
import type { Snapshotter } from "../../snapshot/snapshotter.ts";
import { EngineError } from "../engine-error.ts";
import { json, type Route, route } from "../route.ts";
import { packedFiles } from "./packed-files.ts";

/** Entries of one answer. */
const MOST_CHANGES = 100_000;
const CHUNK_BYTES = 256 * 1024;
const KINDS: Readonly<Record<string, number>> = { C: 0, A: 1, D: 2 };

export interface ChangeParts {
  /** The worker's directory. */
  readonly directory: string;
  readonly store: ImageStore;
  readonly snapshotter: Snapshotter;
}

/** What a container has made of its image: all of it as a tar, or the names of what it changed. */
export function changeRoutes(parts: ChangeParts): readonly Route[] {
  return [
    route({
      method: "GET",
      path: "/containers/{id}/export",
      async handle({ session, params }) {
        const container = session.containers.find(params.id ?? "");
        const files = await container.openFiles();
        const body = packedFiles(session, files, {
          directory: openSync(files.plain, "r"),
          name: "",
          as: "",
        });
        container.event("export");
        return { kind: "stream", status: 200, type: "application/octet-stream", body };
      },
    }),
    route({
      method: "GET",
      path: "/containers/{id}/changes",
      async handle({ session, params }) {
        const container = session.containers.find(params.id ?? "");
        return json(await changesOf(parts, session, container));
      },
    }),
  ];
}

interface Change {
  readonly Path: string;
  readonly Kind: number;
}

async function changesOf(
  { directory, store, snapshotter }: ChangeParts,
  session: SessionHost,
  { id, record }: SessionContainer,
): Promise<Change[]> {
  const image = await store.get(record.order.image.digest);
  const lowers = image?.snapshot ? await snapshotter.layers(image.snapshot) : [];
  const { upper } = await makeFiles(session.disk, id);
  const opened = [upper, ...lowers, makeMountPoints(directory)].map((layer) => openSync(layer, "r"));
  const [root = -1, ...below] = opened;
  const limits = { maxBytes: Number.MAX_SAFE_INTEGER, maxEntries: MOST_CHANGES, chunkBytes: CHUNK_BYTES };
  const packer = new LayerPacker({ upper: root, lowers: below, lists: true, ...limits });
  for (const descriptor of opened) closeSync(descriptor);
  try {
    const chunks: Uint8Array[] = [];
    for await (const chunk of packer.chunks()) chunks.push(chunk);
    const entries = Buffer.concat(chunks).toString("utf8").split("\0").slice(0, -1);
    return entries.map((entry) => ({ Path: `/${entry.slice(1)}`, Kind: KINDS[entry.charAt(0)] ?? 0 }));
  } catch (error) {
    throw new EngineError(500, "The changes of this container can't be listed.", error);
  } finally {
    packer.close();
  }
}
