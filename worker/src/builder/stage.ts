import type { StagePlan } from "@slipway/dockerfile";
import type { StoredLayer } from "../image-store/image-store.ts";
import { copyConfig, emptyConfig, type HistoryEntry, type MutableConfig } from "./config.ts";

/** A stage while it is built: file system, config and history so far. */
export interface Stage {
  readonly plan: StagePlan;
  config: MutableConfig;
  history: HistoryEntry[];
  layers: StoredLayer[];
  /** Name of the committed snapshot with all layers; null while there are none. */
  snapshot: string | null;
  /** Cache key of the last step that worked on files: what the next one stands on. */
  chain: string;
  /** True once a step had to run: those after it can't be cached. */
  missed: boolean;
  /** Arguments that ARG declared here. */
  args: Map<string, string>;
  /** True once CMD was given here; ENTRYPOINT takes an inherited one away. */
  cmdIsOwn: boolean;
  /** Time of the newest layer, which steps without a layer share; so that the same build gives the same image. */
  createdAt: string;
}

/** Time of images that are made of nothing. */
const EPOCH = new Date(0).toISOString();

export function emptyStage(plan: StagePlan): Stage {
  return {
    plan,
    config: emptyConfig(),
    history: [],
    layers: [],
    snapshot: null,
    chain: "scratch",
    missed: false,
    args: new Map(),
    cmdIsOwn: false,
    createdAt: EPOCH,
  };
}

/** A stage that starts where another one ended. */
export function stageFrom(plan: StagePlan, base: Stage): Stage {
  return {
    ...base,
    plan,
    config: copyConfig(base.config),
    history: [...base.history],
    layers: [...base.layers],
    args: new Map(),
    cmdIsOwn: false,
  };
}

/** What `$name` means in this stage; ENV wins over ARG. */
export function variablesOf(stage: Stage): Map<string, string> {
  return new Map([...stage.args, ...stage.config.env]);
}
