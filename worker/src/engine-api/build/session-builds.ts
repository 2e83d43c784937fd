import { randomBytes } from "node:crypto";
import { Readable } from "node:stream";
import type { BuildEvent, RegistryCredential } from "@slipway/protocol";
import type { ImageBuilder } from "../../builder/create-builder.ts";
import { tarIn } from "../../builder/local-archive.ts";
import type { OwnBuild, OwnImages, Surroundings } from "../../builder/own-build.ts";
import type { Cgroups } from "../../cgroup/cgroup.ts";
import type { ContentStore } from "../../content/content-store.ts";
import type { Image, ImageStore } from "../../image-store/image-store.ts";
import { DEFAULT_END, type Network, type NetworkEnd } from "../../network/network.ts";
import { bridgeNetworkOf } from "../../session/containers/session-networks.ts";
import type { SessionHost } from "../../session/session-host.ts";
import { CommandError, EngineError } from "../engine-error.ts";
import { digestName, readReference } from "../images/image-lookup.ts";
import type { Tell } from "../images/progress-lines.ts";
import type { SessionImages } from "../images/session-images.ts";
import { bodyBytes } from "../request-body.ts";
import { type BuildQuery, type CheckedBuild, checkedBuild } from "./build-query.ts";
import { ClassicProgress } from "./classic-progress.ts";
import { fetchContext, oneFile } from "./remote-context.ts";

/** Longest build. */
const BUILD_MS = 60 * 60_000;
/** Builds of one session at the same time. */
const MOST_BUILDS = 8;
/** Bytes of a build's id. */
const ID_BYTES = 8;

export interface BuildParts {
  readonly builder: Pick<ImageBuilder, "buildOwn">;
  readonly store: ImageStore;
  readonly content: ContentStore;
  readonly network: Pick<Network, "attach" | "detach">;
  readonly cgroups: Pick<Cgroups, "path">;
}

export interface BuildOrder {
  readonly query: BuildQuery;
  readonly credentials: readonly RegistryCredential[];
  /** The context, unless the query names a remote one. */
  readonly context: Readable;
  readonly signal: AbortSignal;
}

/** A build without what it reads and tells. */
type Job = Omit<OwnBuild, "buildArgs" | "context" | "dockerfile" | "emit" | "labels" | "target">;

/** Builds of sessions: their names, their network, their limits. */
export class SessionBuilds {
  readonly #parts: BuildParts;
  readonly #running = new Map<string, number>();

  constructor(parts: BuildParts) {
    this.#parts = parts;
  }

  /** `POST /build`: what Docker's classic builder does and says. */
  async build(session: SessionHost, images: SessionImages, order: BuildOrder, tell: Tell): Promise<void> {
    const { query } = order;
    const checked = checkedBuild(query);
    await images.room();
    const progress = new ClassicProgress(query.q ? () => {} : tell);
    const image = await this.#counted(session, async () => {
      const job = await this.#job(session, images, order, checked);
      return await this.#carryOut(job, order, checked, progress);
    });
    images.keep(image, checked.names);
    if (query.q) {
      tell({ stream: `${image.imageId}\n` });
    } else progress.built(image.imageId, checked.names);
  }

  /** An image with instructions of a Dockerfile that change its config (`docker import --change`, `docker commit --change`). */
  async changed(
    session: SessionHost,
    images: SessionImages,
    image: Image,
    changes: readonly string[],
    signal: AbortSignal,
  ): Promise<Image> {
    if (changes.length === 0) return image;
    const allowed =
      /^\s*(?:CMD|ENTRYPOINT|ENV|EXPOSE|HEALTHCHECK|LABEL|ONBUILD|STOPSIGNAL|USER|VOLUME|WORKDIR)\s[^\n]*$/i;
    for (const change of changes) {
      if (!allowed.test(change))
        throw new EngineError(400, `${change.slice(0, 100)} is not a valid change command`);
    }
    const base = "slipway.invalid/base:latest";
    const surroundings = {
      ...this.#surroundings(session, images, { hosts: [], networkmode: "none" }),
      images: { find: async (reference: string) => (reference === base ? image : null), found: () => {} },
    };
    return await this.#parts.builder.buildOwn({
      ...this.#common(session, surroundings),
      limits: limitsOf(session, { memoryBytes: null, cpus: null }),
      noCache: false,
      pull: false,
      registryCredentials: [],
      dockerfile: "Dockerfile",
      target: null,
      buildArgs: {},
      labels: {},
      context: Readable.from([oneFile("Dockerfile", `FROM ${base}\n${changes.join("\n")}\n`)]),
      emit: () => {},
      signal,
    });
  }

  /** What an address names, as a tar: for `docker import` of one. */
  async fetched(
    session: SessionHost,
    images: SessionImages,
    address: string,
    signal: AbortSignal,
  ): Promise<Readable> {
    const { builder, store, content } = this.#parts;
    const job = {
      ...this.#common(session, this.#surroundings(session, images, { hosts: [], networkmode: "" })),
      limits: limitsOf(session, { memoryBytes: null, cpus: null }),
      noCache: true,
      pull: false,
      registryCredentials: [],
      emit: () => {},
      signal,
    };
    const parts = { build: (build: OwnBuild) => builder.buildOwn(build), store, content };
    return (await fetchContext(parts, address, job)).tar;
  }

  async #carryOut(
    job: Job,
    { query, context }: BuildOrder,
    { dockerfile, buildArgs, labels }: CheckedBuild,
    progress: ClassicProgress,
  ): Promise<Image> {
    const { builder, store, content } = this.#parts;
    const { failure, emit } = watched(progress);
    const own = { ...job, emit };
    const fetched =
      query.remote === ""
        ? { tar: Readable.from(tarIn(bodyBytes(context)), { objectMode: false }), dockerfile: null }
        : await fetchContext({ build: (build) => builder.buildOwn(build), store, content }, query.remote, {
            ...job,
            id: newId(),
            emit: () => {},
          });
    try {
      return await builder.buildOwn({
        ...own,
        dockerfile: fetched.dockerfile ?? dockerfile,
        target: query.target === "" ? null : query.target,
        buildArgs,
        labels,
        context: fetched.tar,
      });
    } catch (error) {
      throw failure() ?? error;
    }
  }

  async #job(
    session: SessionHost,
    images: SessionImages,
    { query, credentials, signal }: BuildOrder,
    checked: CheckedBuild,
  ): Promise<Job> {
    const { networkmode } = query;
    return {
      ...this.#common(session, this.#surroundings(session, images, { hosts: checked.hosts, networkmode })),
      limits: limitsOf(session, checked),
      noCache: query.nocache || !(await isCacheAllowed(images, checked.cacheFrom)),
      pull: query.pull,
      registryCredentials: credentials,
      signal,
    };
  }

  #common(session: SessionHost, surroundings: Surroundings) {
    return { id: newId(), owner: `session-${session.place.name}`, surroundings };
  }

  #surroundings(
    session: SessionHost,
    images: SessionImages,
    { hosts, networkmode }: { readonly hosts: readonly string[]; readonly networkmode: string },
  ): Surroundings {
    const { network, cgroups } = this.#parts;
    const { place } = session;
    const id = `build-${newId()}`;
    const ends = endsIn(session, networkmode);
    return {
      images: ownImages(images),
      network: {
        acquire: async () => {
          if (networkmode === "none") return { namespacePath: null, resolvConf: "" };
          if (networkmode === "host") return session.network;
          return await network.attach(place.name, { id, names: [], ...ends });
        },
        release: async () => await network.detach(place.name, id),
      },
      cgroup: cgroups.path(place.name),
      hosts,
      mayFetch: session.request.egress === "internet",
    };
  }

  /** Bounds how many builds one session has at once. */
  async #counted<Result>(session: SessionHost, work: () => Promise<Result>): Promise<Result> {
    const running = this.#running.get(session.id) ?? 0;
    if (running >= MOST_BUILDS) {
      throw new EngineError(503, `This session has ${MOST_BUILDS} builds already; wait for one of them.`);
    }
    this.#running.set(session.id, running + 1);
    try {
      return await work();
    } finally {
      const left = (this.#running.get(session.id) ?? 1) - 1;
      if (left > 0) this.#running.set(session.id, left);
      else this.#running.delete(session.id);
    }
  }
}

/** Who names images to take steps from, none of which is there, wants none. */
async function isCacheAllowed(images: SessionImages, cacheFrom: readonly string[]): Promise<boolean> {
  if (cacheFrom.length === 0) return true;
  const found = await Promise.all(cacheFrom.map((name) => images.find(name).catch(() => null)));
  return found.some((image) => image !== null);
}

const newId = (): string => `e${randomBytes(ID_BYTES).toString("hex")}`;

/** Networks that a build has by its mode, and not as a member. */
const MODES = ["", "default", "bridge", "host", "none"];

/** The end of a build in a network of the session's own; nothing for the default one. @throws EngineError 404 */
function endsIn({ containers }: SessionHost, networkmode: string): { readonly ends?: readonly NetworkEnd[] } {
  if (MODES.includes(networkmode)) return {};
  const network = containers.networks.find(networkmode);
  if (network === undefined) throw new EngineError(404, `network ${networkmode.slice(0, 128)} not found`);
  return { ends: [{ ...DEFAULT_END, network: bridgeNetworkOf(network) }] };
}

/** The session's names come first; what a build stands on is in its list afterwards, as after a pull. */
function ownImages(images: SessionImages): OwnImages {
  return {
    find: async (reference) => await images.named(reference),
    found: (full, image) => {
      const reference = readReference(full);
      const name = reference.digest === null ? reference.full : digestName(reference, reference.digest);
      if (images.book.named(name) !== image.imageId) images.keep(image, [name]);
    },
  };
}

function limitsOf(
  { request }: SessionHost,
  asked: { readonly memoryBytes: number | null; readonly cpus: number | null },
) {
  const { memoryBytes, cpus, pids, diskBytes } = request.limits;
  return {
    memoryBytes: Math.min(memoryBytes, asked.memoryBytes ?? memoryBytes),
    cpus: Math.min(cpus, asked.cpus ?? cpus),
    pids,
    diskBytes,
    timeoutMs: BUILD_MS,
  };
}

/** Hands events on, and keeps how a build failed in the words of the classic builder. */
function watched(progress: ClassicProgress) {
  let failed: EngineError | null = null;
  const texts = new Map<number, string>();
  const emit = (event: BuildEvent): void => {
    if (event.type === "plan") for (const { step, text } of event.steps) texts.set(step, text);
    if (event.type === "failed" && event.exitCode !== null && event.step !== null) {
      const command = (texts.get(event.step) ?? "").replace(/^RUN\s+/i, "");
      const shown = command.startsWith("[") ? command : `/bin/sh -c ${command}`;
      failed = new CommandError(shown, event.exitCode);
    }
    progress.event(event);
  };
  return { emit, failure: () => failed };
}
