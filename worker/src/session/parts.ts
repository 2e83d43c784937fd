import type { Logger } from "pino";
import type { Disks } from "../disk/disk.ts";
import type { ImageStore } from "../image-store/image-store.ts";
import type { Network } from "../network/network.ts";
import type { IdRanges } from "../runtime/id-ranges.ts";
import type { ContainerLimits, Runtime } from "../runtime/runtime.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Terminals } from "../terminal/terminal.ts";

/** What sessions are made of. */
export interface SessionParts {
  readonly images: ImageStore;
  readonly snapshotter: Snapshotter;
  readonly disks: Disks;
  readonly network: Network;
  readonly runtime: Runtime;
  readonly cgroups: SessionCgroups;
  readonly terminals: Terminals;
  readonly ids: IdRanges;
  readonly log: Logger;
}

/** The limits of a session as a whole, all its containers together. */
export interface SessionCgroups {
  create(name: string, limits: Omit<ContainerLimits, "openFiles">): Promise<void>;
  /** Kills what is left in it and removes it. A missing one is no error. */
  remove(name: string): Promise<void>;
  list(): Promise<string[]>;
}
