import type { StoredLayer } from "../../image-store/image-store.ts";
import type { ExecutionConfig } from "../../oci/image-spec.ts";
import { copyConfig, executionConfig, type HistoryEntry } from "../config.ts";
import { finishedHistory, type HistoryItem } from "../history.ts";
import type { CachedStep } from "../layer-cache.ts";
import type { Stage } from "../stage.ts";

/** Points of one build that are noted; of a longer Dockerfile the last steps can't be opened. */
const MAX_POINTS = 1000;

/** A point between two steps of a stage: all that a terminal there needs. */
export interface StepPoint {
  /** Number of the step that was carried out last. */
  readonly after: number;
  /** Number of the step that comes next; null at the end of the stage. */
  readonly before: number | null;
  /** What RUN would have at this point: ARG is part of the environment. */
  readonly config: ExecutionConfig;
  /** So many of the layers and lines of the history below have been made by then. */
  readonly layers: number;
  readonly lines: number;
}

/** The points of one stage whose files were kept. */
export interface StagePoints {
  readonly layers: readonly StoredLayer[];
  readonly history: readonly HistoryEntry[];
  readonly points: readonly StepPoint[];
}

interface Noted {
  readonly stage: Stage;
  readonly after: number;
  readonly before: number | null;
  readonly config: ExecutionConfig;
  readonly items: number;
}

/** Notes what each step of a build stands on, while the build runs. */
export class StepNotes {
  readonly #noted: Noted[] = [];

  /** The stage as it is now, after one step and before another. */
  add(stage: Stage, after: number, before: number | null): void {
    if (this.#noted.length >= MAX_POINTS) return;
    const config = executionConfig({ ...copyConfig(stage.config), env: new Map(stage.variables) });
    this.#noted.push({ stage, after, before, config, items: stage.history.length });
  }

  /** What can be opened of it: up to the first layer that is not in the store at this moment. Never waits for one. */
  async settled(): Promise<StagePoints[]> {
    const stages = new Map<Stage, Noted[]>();
    for (const noted of this.#noted) stages.set(noted.stage, [...(stages.get(noted.stage) ?? []), noted]);
    const all: StagePoints[] = [];
    for (const [stage, points] of stages) all.push(await settledStage(stage, points));
    return all.filter(({ points }) => points.length > 0);
  }
}

async function settledStage(stage: Stage, noted: readonly Noted[]): Promise<StagePoints> {
  const made: HistoryItem[] = [];
  const layers = [...stage.baseLayers];
  /** Layers by the number of lines that they come with. */
  const layersAt = [layers.length];
  for (const item of stage.history) {
    const step = item.kind === "files" ? await ifSettled(item.result) : null;
    if (item.kind === "files" && step === null) break;
    if (step?.layer) layers.push(step.layer);
    made.push(item);
    layersAt.push(layers.length);
  }
  const points = noted
    .filter(({ items }) => items <= made.length)
    .map(({ after, before, config, items }) => ({
      after,
      before,
      config,
      lines: items,
      layers: layersAt[items] ?? layers.length,
    }));
  return { layers, history: await finishedHistory(made, stage.createdAt), points };
}

/** The result, when it is there by now. */
async function ifSettled(result: Promise<CachedStep>): Promise<CachedStep | null> {
  return await Promise.race([result, Promise.resolve(null)]).catch(() => null);
}
