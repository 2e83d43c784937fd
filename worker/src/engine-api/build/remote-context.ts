import { Readable } from "node:stream";
import type { OwnBuild } from "../../builder/own-build.ts";
import type { ContentStore } from "../../content/content-store.ts";
import type { Image, ImageStore } from "../../image-store/image-store.ts";
import { encodeTarHeader, TAR_END, tarPadding } from "../../layer/tar-encoder.ts";
import { EngineError } from "../engine-error.ts";

/** Hosts that `docker build` takes for repositories without a scheme (moby, pkg/urlutil). */
const BARE_REPOSITORY = /^(?:github\.com\/|git@)/;

export interface RemoteParts {
  readonly build: (build: OwnBuild) => Promise<Image>;
  readonly store: ImageStore;
  readonly content: ContentStore;
}

/** A context, and where its Dockerfile is; null where the request says so. */
export interface FetchedContext {
  readonly tar: Readable;
  readonly dockerfile: string | null;
}

/**
 * Fetches the context that `remote` names: a git repository, an archive, or a Dockerfile alone. It is what ADD would put into
 * an empty image, so it comes by the same way, with the same rules on where builds may go.
 */
export async function fetchContext(
  { build, store, content }: RemoteParts,
  remote: string,
  job: Omit<OwnBuild, "context" | "dockerfile" | "target" | "buildArgs" | "labels">,
): Promise<FetchedContext> {
  const url = BARE_REPOSITORY.test(remote) && !remote.startsWith("git@") ? `https://${remote}` : remote;
  if (!/^(?:https?|git|ssh):\/\/|^git@/.test(url)) {
    throw new EngineError(400, `unable to use "${remote.slice(0, 200)}" as a build context`);
  }
  const source = isRepository(url) ? withSuffix(url) : url;
  const image = await build({
    ...job,
    dockerfile: "Dockerfile",
    target: null,
    buildArgs: {},
    labels: {},
    context: Readable.from([
      oneFile("Dockerfile", `FROM scratch\nADD --unpack=true ${JSON.stringify([source, "/"])}\n`),
    ]),
  });
  const [layer] = image.layers;
  if (!layer) throw new EngineError(400, "The build context is empty.");
  const entries = await store.view.entries(image, 0, { after: "", limit: 2 });
  const [only] = entries;
  const isDockerfile = entries.length === 1 && only?.kind === "file" && !isRepository(url);
  const tar = await content.stream(layer.digest);
  return { tar, dockerfile: isDockerfile ? only.path : null };
}

const isRepository = (url: string): boolean =>
  /^(?:git|ssh):\/\/|^git@/.test(url) ||
  /\.git(?:#.*)?$/.test(url) ||
  /^https?:\/\/github\.com\/[^/]+\/[^/#]+(?:#.*)?$/.test(url);

/** The builder knows a repository at an http address by its suffix. */
function withSuffix(url: string): string {
  const [place = "", fragment] = url.split("#", 2);
  const whole = place.startsWith("http") && !place.endsWith(".git") ? `${place}.git` : place;
  return fragment === undefined ? whole : `${whole}#${fragment}`;
}

/** A tar with one file. */
export function oneFile(path: string, text: string): Buffer {
  const bytes = Buffer.from(text);
  const head = encodeTarHeader({
    path,
    type: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    mtimeSeconds: 0,
    sizeBytes: bytes.byteLength,
  });
  return Buffer.concat([head, bytes, tarPadding(bytes.byteLength), TAR_END]);
}
