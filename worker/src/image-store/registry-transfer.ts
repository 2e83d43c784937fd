import { createHash } from "node:crypto";
import { mkdir, rm } from "node:fs/promises";
import path from "node:path";
import { type RegistryCredential, SlipwayError } from "@slipway/protocol";
import type { ContentStore } from "../content/content-store.ts";
import type { Outbound } from "../outbound/outbound.ts";
import { BlobDownloads } from "../registry/blob-downloads.ts";
import { Connection } from "../registry/connection.ts";
import { endpointsOf, originOf, type RegistrySettings } from "../registry/endpoints.ts";
import { registryError } from "../registry/failure.ts";
import { describeManifest } from "../registry/manifests.ts";
import { PartialFiles } from "../registry/partial-files.ts";
import { type Endpoint, PATIENCE, type Patience } from "../registry/registry.ts";
import { UnreachableHosts } from "../registry/unreachable-hosts.ts";
import type { Image, ImageStore } from "./image-store.ts";
import type {
  DescribedImage,
  ImageTransfer,
  PullOptions,
  PushedImage,
  PushOptions,
} from "./image-transfer.ts";
import { mayBeElsewhere, type PullParts, pullImage } from "./pull.ts";
import { LayerProgress } from "./pull-progress.ts";
import { PullRuns } from "./pull-runs.ts";
import { type PushParts, pushImage } from "./push.ts";
import { parseReference, type Reference } from "./reference.ts";
import { WireRecords } from "./wire-records.ts";

export interface ImageTransferOptions {
  /** For what is on its way and what is known of registries; on the file system of the content store. */
  readonly directory: string;
  readonly images: ImageStore;
  readonly content: ContentStore;
  readonly outbound: Outbound;
  readonly registries: RegistrySettings;
  /** Largest image: config and layers as they come over the wire. */
  readonly imageBytes: number;
  readonly patience?: Patience;
}

/** Opens the way to registries. Downloads that an earlier process left half-way are kept, within bounds. */
export async function openImageTransfer(options: ImageTransferOptions): Promise<ImageTransfer> {
  const { directory, images, content, imageBytes } = options;
  const sending = path.join(directory, "sending");
  await rm(sending, { recursive: true, force: true });
  await mkdir(sending, { recursive: true, mode: 0o700 });
  const records = await WireRecords.open(path.join(directory, "known"));
  const partials = await PartialFiles.open(path.join(directory, "partial"));
  const downloads = new BlobDownloads(content, partials);
  return new RegistryTransfer(
    options,
    { images, content, downloads, records, imageBytes },
    { content, records, directory: sending },
  );
}

class RegistryTransfer implements ImageTransfer {
  readonly #options: ImageTransferOptions;
  readonly #pullParts: PullParts;
  readonly #pushParts: PushParts;
  readonly #patience: Patience;
  readonly #unreachable: UnreachableHosts;
  readonly #pulls = new PullRuns<Image>();

  constructor(options: ImageTransferOptions, pullParts: PullParts, pushParts: PushParts) {
    this.#options = options;
    this.#pullParts = pullParts;
    this.#pushParts = pushParts;
    this.#patience = options.patience ?? PATIENCE;
    this.#unreachable = new UnreachableHosts(this.#patience.unreachableForMs);
  }

  async pull(name: string, options: PullOptions): Promise<Image> {
    const reference = parseReference(name);
    const login = loginFor(reference.domain, options.credentials);
    return await this.#pulls.join(runKey(reference, login), options, async (progress, signal) => {
      const { images } = this.#options;
      const lease = images.lease();
      try {
        await images.checkRoom();
        return await this.#within(reference, signal, (limited) =>
          this.#anywhere(reference, login, limited, (connection) =>
            pullImage(this.#pullParts, connection, reference, progress, limited),
          ),
        );
      } finally {
        lease.release();
      }
    });
  }

  async push(name: string, options: PushOptions): Promise<PushedImage> {
    const reference = parseReference(name);
    if (reference.tag === null) {
      throw new SlipwayError("request-invalid", "An image is pushed under a tag.", { params: { name } });
    }
    const { images, registries } = this.#options;
    const lease = images.lease();
    const progress = new LayerProgress();
    const deaf = progress.listen(options.onProgress);
    try {
      const image = await (options.image ? images.get(options.image) : images.resolve(reference.full));
      if (!image) {
        throw new SlipwayError("image-missing", `There is no image ${reference.familiar}.`, {
          params: { reference: reference.familiar },
        });
      }
      const login = loginFor(reference.domain, options.credentials);
      const mountsFrom = await this.#knownRepositories(reference, image);
      const connection = this.#connection(
        originOf(reference.domain, registries),
        reference.repository,
        login,
        {
          actions: "pull,push",
          mountsFrom,
        },
      );
      return await this.#within(reference, options.signal, (signal) =>
        pushImage(image, { parts: this.#pushParts, connection, reference, progress, signal }),
      );
    } finally {
      progress.flush();
      deaf();
      lease.release();
    }
  }

  async describe(
    name: string,
    { credentials, signal }: Omit<PullOptions, "onProgress">,
  ): Promise<DescribedImage> {
    const reference = parseReference(name);
    const asked = reference.digest ?? reference.tag ?? "latest";
    const login = loginFor(reference.domain, credentials);
    return await this.#within(reference, signal, (limited) =>
      this.#anywhere(reference, login, limited, (connection) => describeManifest(connection, asked, limited)),
    );
  }

  async login(credential: RegistryCredential, signal: AbortSignal): Promise<void> {
    const domain = credential.registry === "index.docker.io" ? "docker.io" : credential.registry;
    const connection = this.#connection(originOf(domain, this.#options.registries), "", credential);
    const response = await connection.request(connection.url(""), { signal });
    await response.discard();
    if (response.status === 200) return;
    const refused = response.status === 403 ? "registry-unauthorized" : "registry-failed";
    throw registryError(refused, connection.endpoint, `it answers ${response.status} to a login`);
  }

  /** The mirrors in their order, then the registry itself; its error counts, and says what was tried before. */
  async #anywhere<Result>(
    reference: Reference,
    login: RegistryCredential | null,
    signal: AbortSignal,
    ask: (connection: Connection) => Promise<Result>,
  ): Promise<Result> {
    const tried: string[] = [];
    for (const endpoint of endpointsOf(reference.domain, this.#options.registries)) {
      const own = endpoint.mirror ? endpoint.credential : login;
      const connection = this.#connection(endpoint, reference.repository, own);
      try {
        return await ask(connection);
      } catch (error) {
        signal.throwIfAborted();
        if (!endpoint.mirror || !mayBeElsewhere(error)) throw pullError(error, reference, tried);
        tried.push(error instanceof Error ? error.message : String(error));
      }
    }
    throw new SlipwayError("internal", `${reference.domain} has no endpoint.`);
  }

  #connection(
    endpoint: Endpoint,
    repository: string,
    login: Endpoint["credential"],
    rights: { actions: "pull" | "pull,push"; mountsFrom?: readonly string[] } = { actions: "pull" },
  ): Connection {
    return new Connection({
      outbound: this.#options.outbound,
      endpoint,
      repository,
      login,
      patience: this.#patience,
      unreachable: this.#unreachable,
      ...rights,
    });
  }

  /** Repositories that may have layers of the image: the token has to cover them before they are mounted. */
  async #knownRepositories(reference: Reference, image: Image): Promise<string[]> {
    const { records } = this.#pushParts;
    const names = new Set<string>();
    for (const { digest, diffId } of image.layers) {
      const blob = (await records.compressed(diffId))?.digest ?? digest;
      for (const name of await records.repositories(reference.domain, blob)) names.add(name);
    }
    names.delete(reference.repository);
    return [...names];
  }

  async #within<Result>(
    reference: Reference,
    signal: AbortSignal,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { transferMs } = this.#patience;
    const timeout = AbortSignal.timeout(transferMs);
    try {
      return await work(AbortSignal.any([signal, timeout]));
    } catch (error) {
      if (!timeout.aborted || signal.aborted) throw error;
      const endpoint = originOf(reference.domain, this.#options.registries);
      throw registryError("registry-unreachable", endpoint, `it takes longer than ${transferMs} ms`, error);
    }
  }
}

function loginFor(domain: string, credentials: readonly RegistryCredential[]): RegistryCredential | null {
  return (
    credentials.find(
      ({ registry }) => registry === domain || (domain === "docker.io" && registry === "index.docker.io"),
    ) ?? null
  );
}

/** Only pulls with the same rights share a run. */
function runKey(reference: Reference, login: RegistryCredential | null): string {
  const who = login === null ? "" : `${login.username}\n${login.password}`;
  return `${reference.full} ${createHash("sha256").update(who).digest("hex")}`;
}

function pullError(error: unknown, reference: Reference, tried: readonly string[]): unknown {
  if (!(error instanceof SlipwayError)) return error;
  const code = error.code === "image-missing" ? "base-image-missing" : error.code;
  const before = tried.length === 0 ? "" : ` Tried before: ${tried.join(" ")}`;
  return new SlipwayError(code, `${error.message}${before}`.slice(0, 8000), {
    params: { ...error.params, reference: reference.familiar },
    cause: error,
  });
}
