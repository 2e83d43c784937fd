import type { Digest } from "@slipway/protocol";
import { z } from "zod";
import type { ContentStore } from "../../content/content-store.ts";
import type { Image, ImageStore } from "../../image-store/image-store.ts";
import type { ExecutionConfig } from "../../oci/image-spec.ts";
import { makeFiles } from "../../session/containers/container-ground.ts";
import type { SessionContainer } from "../../session/containers/session-container.ts";
import { packChanges } from "../../session/packed-changes.ts";
import type { SessionHost } from "../../session/session-host.ts";
import type { Snapshotter } from "../../snapshot/snapshotter.ts";
import { EngineError } from "../engine-error.ts";
import { flagUnlessFalse, several } from "../query-values.ts";
import { json, type Route, route } from "../route.ts";
import { commandJson, entrypointJson } from "./container-json.ts";
import type { CreateBody } from "./create-body.ts";

export interface CommitParts {
  readonly store: ImageStore;
  readonly content: ContentStore;
  readonly snapshotter: Snapshotter;
  /** Gives the session an image under a name, or under none. Throws where the name is none. */
  readonly keep: (session: SessionHost, image: Image, name: string | null, parent: Digest) => Promise<void>;
  /** The image with instructions of a Dockerfile on its config. Rejects with 400 for what is none. */
  readonly changed: (
    session: SessionHost,
    image: Image,
    lines: readonly string[],
    signal: AbortSignal,
  ) => Promise<Image>;
}

const text = z.string().max(65_536);
const commitBody = z.looseObject({
  Cmd: z.array(text).max(4_096).nullish(),
  Entrypoint: z.array(text).max(4_096).nullish(),
  Env: z.array(text).max(4_096).nullish(),
  Labels: z.record(text, text).nullish(),
  ExposedPorts: z.record(text, z.looseObject({})).nullish(),
  Volumes: z.record(text, z.looseObject({})).nullish(),
  User: text.nullish(),
  WorkingDir: text.nullish(),
});

/** `/commit`: what a container has written, as one more layer on its image. */
export function commitRoute(parts: CommitParts): Route {
  return route({
    method: "POST",
    path: "/commit",
    query: z.object({
      container: z.string(),
      repo: z.string().max(512).optional(),
      tag: z.string().max(128).optional(),
      comment: text.optional(),
      author: text.optional(),
      pause: flagUnlessFalse,
      changes: several,
    }),
    body: commitBody,
    async handle({ session, query, body, gone }) {
      const container = session.containers.find(query.container);
      const name = query.repo ? (query.tag ? `${query.repo}:${query.tag}` : query.repo) : null;
      const pauses = query.pause && container.state.status === "running";
      if (pauses) await container.pause();
      try {
        const changes = query.changes.flatMap((lines) => lines.split("\n"));
        const asked = { ...query, config: body, changes: changes.filter((line) => line.trim() !== "") };
        const image = await commit(parts, session, container, { ...asked, signal: gone });
        await parts.keep(session, image, name, container.record.order.image.imageId);
        container.event("commit", { imageID: image.imageId });
        return json({ Id: image.imageId }, 201);
      } finally {
        // It may have ended meanwhile.
        if (pauses) await container.unpause().catch(() => {});
      }
    },
  });
}

interface CommitOrder {
  readonly comment?: string | undefined;
  readonly author?: string | undefined;
  readonly config: z.output<typeof commitBody>;
  /** Lines of a Dockerfile. */
  readonly changes: readonly string[];
  readonly signal: AbortSignal;
}

/** How the container runs, which is how its image does; what the request says is over it, a list of variables entry by entry. */
function configOf(
  { order }: SessionContainer["record"],
  base: Image,
  asked: CommitOrder["config"],
): ExecutionConfig {
  const { Env, Labels, ExposedPorts, ...given } = asked;
  // What is empty says nothing (moby, builder/dockerfile, merge).
  const isSaid = (value: unknown) =>
    value !== null && value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0);
  const said = Object.fromEntries(Object.entries(given).filter(([, value]) => isSaid(value)));
  const config = base.config.config ?? {};
  const volumes = Object.keys((order.asked as CreateBody).Volumes ?? {});
  const ports = [...order.exposedPorts, ...Object.keys(ExposedPorts ?? {})];
  const empty = (names: readonly string[]) => Object.fromEntries(names.map((name) => [name, {}]));
  const named = new Map([...order.shownEnv, ...(Env ?? [])].map((entry) => [entry.split("=", 1)[0], entry]));
  return {
    ...config,
    User: order.user,
    WorkingDir: order.workingDirectory,
    Entrypoint: entrypointJson(order),
    Cmd: isSaid(asked.Entrypoint) ? null : commandJson(order),
    StopSignal: order.stopSignal,
    ...(volumes.length > 0 && { Volumes: { ...config.Volumes, ...empty(volumes) } }),
    ...(ports.length > 0 && { ExposedPorts: empty(ports) }),
    ...said,
    Env: [...named.values()],
    Labels: { ...order.labels, ...Labels },
  };
}

async function commit(
  { store, content, snapshotter, changed }: CommitParts,
  session: SessionHost,
  container: SessionContainer,
  asked: CommitOrder,
): Promise<Image> {
  const { order, id } = container.record;
  await store.checkRoom();
  const lease = store.lease("used");
  try {
    const base = await store.get(order.image.digest);
    if (!base) throw new EngineError(404, `No such image: ${order.image.reference}`);
    const lowers = base.snapshot === null ? [] : await snapshotter.layers(base.snapshot);
    // One that has never started has none yet.
    const { upper } = await makeFiles(session.disk, id);
    const layer = await packChanges(content, { upper, lowers });
    const created = new Date().toISOString();
    const config = {
      ...base.config,
      created,
      ...(asked.author ? { author: asked.author } : {}),
      config: configOf(container.record, base, asked.config),
      rootfs: { type: "layers" as const, diff_ids: [...base.config.rootfs.diff_ids, layer.diffId] },
      history: [
        ...(base.config.history ?? []),
        { created, created_by: order.args.join(" "), ...(asked.comment ? { comment: asked.comment } : {}) },
      ],
    };
    const layers = [...base.layers, layer];
    const image = await store.create(config, layers);
    if (asked.changes.length === 0) return image;
    // Of the changes only what they make of the config: a commit is one line of the history.
    const told = await changed(session, image, asked.changes, asked.signal);
    return await store.create({ ...config, config: told.config.config }, layers);
  } finally {
    lease.release();
  }
}
