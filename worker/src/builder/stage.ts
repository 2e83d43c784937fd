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
  /** Arguments that ARG declared here, with their values as declared. */
  args: Map<string, string | null>;
  /** ENV and ARG together, in the order in which they were set. */
  variables: Map<string, string>;
  /** True once CMD was given here; ENTRYPOINT takes an inherited one away. */
  cmdIsOwn: boolean;
  /** Time of the newest layer, which steps without a layer share; so that the same build gives the same image. */
  createdAt: string;
}

/** Time of images that are made of nothing. */
const EPOCH = new Date(0).toISOString();

export function emptyStage(plan: StagePlan): Stage {
  const config = emptyConfig();
  return {
    plan,
    config,
    variables: new Map(config.env),
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
    variables: new Map(base.config.env),
    cmdIsOwn: false,
  };
}

/** What `$name` means at this point of the stage, and the environment of RUN: as in BuildKit, of ENV and ARG the later wins. */
export function variablesOf(stage: Stage): ReadonlyMap<string, string> {
  return stage.variables;
}
