import type { Readable } from "node:stream";
import type { BuildEvent, BuildRequest, RegistryCredential } from "@slipway/protocol";
import type { Image } from "../image-store/image-store.ts";
import type { AcquiredNetwork } from "./builder.ts";

/** A build of somebody who has images, a network and limits of their own, such as a session. Its result has no name. */
export interface OwnBuild {
  /** a-z and 0-9, unique among running builds. */
  readonly id: string;
  /** Whose secrets and cache mounts these are; an identifier. */
  readonly owner: string;
  /** Path of the Dockerfile in the context. */
  readonly dockerfile: string;
  readonly noCache: boolean;
  readonly pull: boolean;
  readonly target: string | null;
  readonly buildArgs: BuildRequest["buildArgs"];
  readonly registryCredentials: readonly RegistryCredential[];
  readonly limits: BuildRequest["limits"];
  readonly surroundings: Surroundings;
  /** Labels of the image beside those of the Dockerfile, which they overrule. */
  readonly labels: Readonly<Record<string, string>>;
  readonly context: Readable;
  readonly emit: (event: BuildEvent) => void;
  readonly signal: AbortSignal;
}

/** What a build has instead of what the builder gives to the builds of playgrounds. */
export interface Surroundings {
  readonly images: OwnImages;
  /** What RUN sees, when the first one needs it. */
  readonly network: { acquire(): Promise<AcquiredNetwork>; release(): Promise<void> };
  /** Control group below which RUN's containers are made, so that its limits hold for them as well. */
  readonly cgroup: string;
  /** Lines for the /etc/hosts of RUN. */
  readonly hosts: readonly string[];
  /** True where ADD may fetch from the network. */
  readonly mayFetch: boolean;
}

/** Names that come before those of the worker. */
export interface OwnImages {
  find(reference: string): Promise<Image | null>;
  /** The build stands on an image of the worker, or one that was pulled. */
  found(reference: string, image: Image): void;
}
