import type { Instruction, StagePlan } from "@slipway/dockerfile";
import { SlipwayError } from "@slipway/protocol";
import type { Image, StoredLayer } from "../image-store/image-store.ts";
import type { StageRecord } from "./build-record.ts";
import { configOf, copyConfig, emptyConfig, type HistoryEntry, type MutableConfig } from "./config.ts";
import { finishedHistory, type HistoryItem } from "./history.ts";
import type { CachedStep } from "./layer-cache.ts";
import { Tip } from "./tip.ts";

/** Layers of one image; overlayfs takes more, and registries and other engines do not (Docker: 127, here with a margin). */
const MAX_LAYERS = 250;

const LAYER_KINDS: ReadonlySet<string> = new Set(["run", "copy", "add", "workdir"]);

/** A stage while it is built: file system, config and history so far. */
export interface Stage {
  readonly plan: StagePlan;
  /** Set when the stage's instructions are known: after its FROM. */
  readonly record: StageRecord;
  config: MutableConfig;
  /** What it was given by its base, and what was added: layers of steps may still be made. */
  history: HistoryItem[];
  readonly baseLayers: readonly StoredLayer[];
  /** The files so far. */
  tip: Tip;
  /** Cache key of the last step that worked on files: what the next one stands on. */
  chain: string;
  /** True once a step had to run: those after it can't be cached. */
  missed: boolean;
  /** Arguments that ARG declared here, with their values as declared. */
  args: Map<string, string | null>;
  /** What `$name` means at this point, and the environment of RUN: as in BuildKit, of ENV and ARG the later wins. */
  variables: Map<string, string>;
  /** True once CMD was given here; ENTRYPOINT takes an inherited one away. */
  cmdIsOwn: boolean;
  /** Time of the base image, for a build that adds nothing. */
  readonly createdAt: string;
}

/** Where a stage starts: an image, another stage, or nothing. */
export type StageStart = Pick<
  Stage,
  "config" | "history" | "baseLayers" | "tip" | "chain" | "missed" | "createdAt" | "variables"
>;

/** Time of images that are made of nothing. */
const EPOCH = new Date(0).toISOString();

export function startFromNothing(): StageStart {
  return {
    config: emptyConfig(),
    history: [],
    baseLayers: [],
    tip: Tip.committed(null),
    chain: "scratch",
    missed: false,
    createdAt: EPOCH,
    variables: new Map(),
  };
}

export function startFromImage({ config, layers, snapshot }: Image): StageStart {
  const history = config.history ?? [];
  return {
    config: configOf(config),
    history: history.map((entry) => ({ kind: "base", entry })),
    baseLayers: layers,
    tip: Tip.committed(snapshot),
    // The chainID: images of the same files are the same base, whatever they are called.
    chain: snapshot ?? "scratch",
    missed: false,
    createdAt: config.created ?? history.at(-1)?.created ?? EPOCH,
    variables: new Map(),
  };
}

/** A stage that starts where another one ended. */
export function startFromStage(base: Stage): StageStart {
  return { ...base, config: copyConfig(base.config), history: [...base.history] };
}

export function openStage(plan: StagePlan, record: StageRecord, start: StageStart): Stage {
  return {
    ...start,
    plan,
    record,
    args: new Map(),
    // What ARG set in the stage below is seen here too, as in BuildKit, but where ENV says otherwise.
    variables: new Map([...start.variables, ...start.config.env]),
    cmdIsOwn: false,
  };
}

/** Puts a step's result on the stage. `result` may still be under way. */
export function addStep(
  stage: Stage,
  step: {
    readonly key: string;
    readonly tip: Tip;
    readonly text: string;
    readonly result: Promise<CachedStep>;
  },
): void {
  stage.tip = step.tip;
  stage.chain = step.key;
  stage.history.push({ kind: "files", text: step.text, result: step.result });
}

/** Before anything is carried out: throws `dockerfile-invalid` where the stage would get too many layers. */
export function checkLayerCount(start: StageStart, instructions: readonly Instruction[]): void {
  const before = start.baseLayers.length + start.history.filter(({ kind }) => kind === "files").length;
  const more = instructions.filter(({ kind }) => LAYER_KINDS.has(kind)).length;
  if (before + more <= MAX_LAYERS) return;
  throw new SlipwayError("dockerfile-invalid", `An image may have ${MAX_LAYERS} layers at most.`, {
    params: { limit: MAX_LAYERS },
  });
}

export interface FinishedStage {
  readonly layers: readonly StoredLayer[];
  readonly history: readonly HistoryEntry[];
  readonly created: string;
}

/** All layers and the whole history, once they are made. */
export async function finishStage(stage: Stage): Promise<FinishedStage> {
  const layers = [...stage.baseLayers];
  for (const item of stage.history) {
    const layer = item.kind === "files" ? (await item.result).layer : null;
    if (layer) layers.push(layer);
  }
  const history = await finishedHistory(stage.history, stage.createdAt);
  return { layers, history, created: history.at(-1)?.created ?? stage.createdAt };
}
