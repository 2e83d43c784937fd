import { type Alignable, align } from "@slipway/dockerfile";
import type { CacheMiss } from "@slipway/protocol";
import { z } from "zod";
import { digestOf } from "../content/digest.ts";

/** Files whose digests are kept per step; of more, only their sum is compared. */
const MAX_FILES = 20_000;

const stepSchema = z.object({
  kind: z.string(),
  /** Digest of the instruction as written. */
  text: z.string(),
  /** Null for one that was not reached. */
  definition: z.string().nullable(),
  files: z.record(z.string(), z.string()).nullable(),
  key: z.string().nullable(),
  /** True when it came to a result. */
  isDone: z.boolean(),
});
type RecordedStep = z.infer<typeof stepSchema>;

const stageSchema = z.object({ base: z.string().nullable(), steps: z.array(stepSchema) });
type RecordedStage = z.infer<typeof stageSchema>;

export const recordSchema = z.object({ stages: z.record(z.string(), stageSchema) });
export type BuildRecordData = z.infer<typeof recordSchema>;

/** What decides whether a step runs again. Digests only: neither values nor secrets are kept. */
export interface StepInputs {
  /** Digest of the instruction after expansion, with all settings that it depends on. */
  readonly definition: string;
  /** Digests of the files that it copies, by path; null for steps that copy none. */
  readonly files: ReadonlyMap<string, string> | null;
  /** Cache key; null for steps that have no result of their own. */
  readonly key: string | null;
}

export interface Explanation {
  /** True when the last build had the very same step with the same inputs, and it came to a result. */
  readonly isUnchanged: boolean;
  /** Why it has to run, if it has to. */
  readonly miss: CacheMiss;
}

/** An instruction as the plan has it. */
export interface WrittenStep {
  readonly kind: string;
  readonly text: string;
}

/**
 * What the last build of the same playground was made of, so that a step that runs again can say why. It explains the
 * cache and never decides: keys alone do that.
 */
export class BuildRecord {
  readonly #last: BuildRecordData;
  readonly #now = new Map<string, StageRecord>();

  constructor(last: BuildRecordData) {
    this.#last = last;
  }

  /** The stage of that name, with all instructions that follow its FROM. */
  stage(name: string, written: readonly WrittenStep[]): StageRecord {
    const stage = new StageRecord(this.#last.stages[name] ?? { base: null, steps: [] }, written);
    this.#now.set(name, stage);
    return stage;
  }

  /** What the next build compares itself with: steps that this one did not reach keep what is known of them. */
  data(): BuildRecordData {
    const stages = [...this.#now].map(([name, stage]) => [name, stage.data()] as const);
    return { stages: { ...this.#last.stages, ...Object.fromEntries(stages) } };
  }
}

/** One stage of the record; steps are told in their order. */
export class StageRecord {
  readonly #last: RecordedStage;
  readonly #now: RecordedStep[];
  readonly #partners: readonly (number | null)[];
  #base: string | null = null;
  /** True once a step was not the one of the last build. */
  #hasChanged = false;

  constructor(last: RecordedStage, written: readonly WrittenStep[]) {
    this.#last = last;
    const steps: Alignable[] = written.map(({ kind, text }) => ({ kind, text: digestOf(text) }));
    this.#partners = align(last.steps, steps);
    this.#now = steps.map((step, index) => ({ ...NOT_REACHED, ...this.#partner(index), ...step }));
  }

  /** What the stage stands on. */
  base(base: string): void {
    this.#base = base;
  }

  /** Notes what a step is made of. */
  explain(index: number, inputs: StepInputs): Explanation {
    const { definition, key } = inputs;
    const files = inputs.files && inputs.files.size <= MAX_FILES ? Object.fromEntries(inputs.files) : null;
    const step = this.#now[index];
    const partner = this.#partner(index);
    const miss = this.#whyMissed(partner, { definition, files, key });
    const isSame = partner !== null && partner.definition === definition && partner.key === key;
    if (step) this.#now[index] = { ...step, definition, files, key, isDone: false };
    if (!isSame) this.#hasChanged = true;
    return { isUnchanged: isSame && partner.isDone, miss };
  }

  /** The step came to its result. */
  done(index: number): void {
    const step = this.#now[index];
    if (step) this.#now[index] = { ...step, isDone: true };
  }

  data(): RecordedStage {
    return { base: this.#base ?? this.#last.base, steps: this.#now };
  }

  #partner(index: number): RecordedStep | null {
    const place = this.#partners[index];
    const step = place === null || place === undefined ? null : this.#last.steps[place];
    return step && step.definition !== null ? step : null;
  }

  #whyMissed(
    before: RecordedStep | null,
    now: Pick<RecordedStep, "definition" | "files" | "key">,
  ): CacheMiss {
    if (!before) return { reason: "first-time" };
    if (this.#last.base !== this.#base) return { reason: "base-changed" };
    // What stands above can change a step too: a variable, a user, a directory.
    if (before.definition !== now.definition)
      return { reason: this.#hasChanged ? "parent-missed" : "instruction-changed" };
    const changed = before.files && now.files ? firstDifference(before.files, now.files) : null;
    if (changed !== null) return { reason: "file-changed", path: changed.slice(0, 4096) };
    if (before.key !== now.key) return { reason: "parent-missed" };
    return { reason: before.isDone ? "removed" : "first-time" };
  }
}

const NOT_REACHED = { definition: null, files: null, key: null, isDone: false };

function firstDifference(before: Record<string, string>, now: Record<string, string>): string | null {
  const paths = [...new Set([...Object.keys(before), ...Object.keys(now)])].sort();
  return paths.find((one) => before[one] !== now[one]) ?? null;
}
