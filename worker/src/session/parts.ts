import type { Logger } from "pino";
import type { Cgroups } from "../cgroup/cgroup.ts";
import type { ContentStore } from "../content/content-store.ts";
import type { Disks } from "../disk/disk.ts";
import type { ImageStore } from "../image-store/image-store.ts";
import type { Keepers } from "../keeper/keeper.ts";
import type { Network } from "../network/network.ts";
import type { IdRanges } from "../runtime/id-ranges.ts";
import type { Runtime } from "../runtime/runtime.ts";
import type { Snapshotter } from "../snapshot/snapshotter.ts";
import type { Terminals } from "../terminal/terminal.ts";
import type { LimitWatcher } from "./limits/limits.ts";

/** What sessions are made of. */
export interface SessionParts {
  /** On the file system that the disks are on, to see how full it is. */
  readonly directory: string;
  readonly images: ImageStore;
  /** The one that the images are in. */
  readonly content: ContentStore;
  readonly snapshotter: Snapshotter;
  readonly disks: Disks;
  readonly network: Network;
  readonly runtime: Runtime;
  readonly cgroups: Cgroups;
  readonly terminals: Terminals;
  readonly keepers: Keepers;
  readonly ids: IdRanges;
  readonly limits: LimitWatcher;
  readonly log: Logger;
}
