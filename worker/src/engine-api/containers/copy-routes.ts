import { closeSync, openSync } from "node:fs";
import { NativeError } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { z } from "zod";
import { tarIn } from "../../builder/local-archive.ts";
import { errnoOf } from "../../content/atomic-file.ts";
import { applyTar } from "../../layer/apply.ts";
import type { LayerLimits } from "../../layer/layer.ts";
import { resolveUser } from "../../runtime/user.ts";
import type { OpenedFiles } from "../../session/containers/container-view.ts";
import type { SessionContainer } from "../../session/containers/session-container.ts";
import type { SessionHost } from "../../session/session-host.ts";
import { EngineError } from "../engine-error.ts";
import { flag } from "../query-values.ts";
import { bodyBytes } from "../request-body.ts";
import { type Route, route } from "../route.ts";
import { type FoundPath, findDirectory, findPath } from "./archive-path.ts";
import type { CreateBody } from "./create-body.ts";
import { packedFiles } from "./packed-files.ts";
import { pathStatHeader } from "./path-stat.ts";

/** What one archive may put into a container; what fits is the session's disk to say. */
const ARCHIVE_LIMITS: LayerLimits = { maxBytes: 1024 ** 4, maxEntries: 500_000 };
const TAR = "application/x-tar";
const pathQuery = z.object({ path: z.string().default("") });

/** `docker cp`, both ways. */
export const copyRoutes: readonly Route[] = [
  route({
    method: "HEAD",
    path: "/containers/{id}/archive",
    query: pathQuery,
    async handle({ session, params, query }) {
      const container = session.containers.find(params.id ?? "");
      const { files, found } = await opened(container, query.path);
      closeSync(found.directory);
      files.close();
      return { kind: "empty", status: 200, headers: pathStatHeader(found) };
    },
  }),
  route({
    method: "GET",
    path: "/containers/{id}/archive",
    query: pathQuery,
    async handle({ session, params, query }) {
      const container = session.containers.find(params.id ?? "");
      const { files, found } = await opened(container, query.path);
      container.event("archive-path");
      return {
        kind: "stream",
        status: 200,
        type: TAR,
        headers: pathStatHeader(found),
        body: packedFiles(session, files, found),
      };
    },
  }),
  route({
    method: "PUT",
    path: "/containers/{id}/archive",
    query: pathQuery.extend({ noOverwriteDirNonDir: flag, copyUIDGID: flag }),
    async handle({ session, params, query, stream, gone }) {
      const container = session.containers.find(params.id ?? "");
      const files = await container.openFiles();
      try {
        const signal = AbortSignal.any([gone, files.signal]);
        await unpack(session, container, files, bodyBytes(stream), { ...query, signal });
      } finally {
        files.close();
      }
      container.event("extract-to-dir");
      return { kind: "empty", status: 200 };
    },
  }),
];

async function opened(
  container: SessionContainer,
  path: string,
): Promise<{ readonly files: OpenedFiles; readonly found: FoundPath }> {
  const files = await container.openFiles();
  try {
    return { files, found: findPath(files.whole, path, container.id) };
  } catch (error) {
    files.close();
    throw error;
  }
}

interface UnpackOptions {
  readonly path: string;
  readonly noOverwriteDirNonDir: boolean;
  readonly copyUIDGID: boolean;
  readonly signal: AbortSignal;
}

async function unpack(
  { ids }: SessionHost,
  container: SessionContainer,
  files: OpenedFiles,
  tar: AsyncIterable<Uint8Array>,
  { path, noOverwriteDirNonDir, copyUIDGID, signal }: UnpackOptions,
): Promise<void> {
  const { order } = container.record;
  const { below, isOnRoot } = findDirectory(files.whole, path, container.id);
  if (order.readOnlyRoot && isOnRoot) throw new EngineError(403, "container rootfs is marked read-only");
  const { User: user } = order.asked as CreateBody;
  const owner = copyUIDGID && user ? await resolveUser([files.plain], user) : null;
  try {
    await applyTar(tarIn(tar), openSync(files.whole, "r"), {
      limits: ARCHIVE_LIMITS,
      whiteouts: "keep",
      subject: "The archive",
      signal,
      below,
      ids,
      keepsKinds: noOverwriteDirNonDir,
      ...(owner ? { owner } : {}),
    });
  } catch (error) {
    throw asDockerSays(error);
  }
}

/** What clients match by their words. */
function asDockerSays(error: unknown): unknown {
  const cause = error instanceof SlipwayError ? error.cause : error;
  if (cause instanceof NativeError && cause.syscall === "apply") {
    const [from, to] =
      cause.code === "EISDIR" ? ["directory", "non-directory"] : ["non-directory", "directory"];
    return new EngineError(400, `cannot overwrite ${from} "${cause.path}" with ${to}`, error);
  }
  switch (errnoOf(cause)) {
    case "EROFS":
      return new EngineError(403, "mounted volume is marked read-only", error);
    case "EBUSY":
    case "EXDEV":
      return new EngineError(409, "a place where something is mounted can't be replaced", error);
    case "ENOSPC":
      return new EngineError(500, "no space left on device", error);
    default:
      return error;
  }
}
