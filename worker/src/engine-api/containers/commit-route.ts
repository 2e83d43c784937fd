import { z } from "zod";
import type { ContentStore } from "../../content/content-store.ts";
import type { Image, ImageStore } from "../../image-store/image-store.ts";
import { filesOf } from "../../session/containers/container-ground.ts";
import type { SessionContainer } from "../../session/containers/session-container.ts";
import { packChanges } from "../../session/packed-changes.ts";
import type { SessionHost } from "../../session/session-host.ts";
import type { Snapshotter } from "../../snapshot/snapshotter.ts";
import { EngineError } from "../engine-error.ts";
import { flagUnlessFalse } from "../query-values.ts";
import { json, type Route, route } from "../route.ts";

export interface CommitParts {
  readonly store: ImageStore;
  readonly content: ContentStore;
  readonly snapshotter: Snapshotter;
  /** Gives the session an image under a name, or under none. Throws where the name is none. */
  readonly keep: (session: SessionHost, image: Image, name: string | null) => Promise<void>;
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
      changes: z.union([text, z.array(text)]).optional(),
    }),
    body: commitBody,
    async handle({ session, query, body }) {
      if (query.changes)
        throw new EngineError(400, "Changes of a commit are given as its body, not as a Dockerfile.");
      const container = session.containers.find(query.container);
      const name = query.repo ? (query.tag ? `${query.repo}:${query.tag}` : query.repo) : null;
      const pauses = query.pause && container.state.status === "running";
      if (pauses) await container.pause();
      try {
        const image = await commit(parts, session, container, { ...query, config: body });
        await parts.keep(session, image, name);
        container.event("commit", { imageID: image.imageId });
        return json({ Id: image.imageId }, 201);
      } finally {
        // It may have ended meanwhile.
        if (pauses) await container.unpause().catch(() => {});
      }
    },
  });
}

async function commit(
  { store, content, snapshotter }: CommitParts,
  session: SessionHost,
  container: SessionContainer,
  asked: { comment?: string | undefined; author?: string | undefined; config: z.output<typeof commitBody> },
): Promise<Image> {
  const { order, id } = container.record;
  await store.checkRoom();
  const lease = store.lease("used");
  try {
    const base = await store.get(order.image.digest);
    if (!base) throw new EngineError(404, `No such image: ${order.image.reference}`);
    const lowers = base.snapshot === null ? [] : await snapshotter.layers(base.snapshot);
    const { upper } = filesOf(session.disk, id);
    const layer = await packChanges(content, { upper, lowers });
    const created = new Date().toISOString();
    const given = Object.fromEntries(
      Object.entries(asked.config).filter(([, value]) => value !== null && value !== undefined),
    );
    return await store.create(
      {
        ...base.config,
        created,
        ...(asked.author ? { author: asked.author } : {}),
        config: { ...base.config.config, ...given },
        rootfs: { type: "layers", diff_ids: [...base.config.rootfs.diff_ids, layer.diffId] },
        history: [
          ...(base.config.history ?? []),
          { created, created_by: order.args.join(" "), ...(asked.comment ? { comment: asked.comment } : {}) },
        ],
      },
      [...base.layers, layer],
    );
  } finally {
    lease.release();
  }
}
