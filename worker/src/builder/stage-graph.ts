import type { Instruction } from "@slipway/dockerfile";
import { SlipwayError } from "@slipway/protocol";
import type { ExecutionConfig } from "../oci/image-spec.ts";
import { checkBuild } from "./build-checks.ts";
import type { BuildRun } from "./build-run.ts";
import type { Stage } from "./stage.ts";
import { buildStage } from "./stages.ts";
import { readTriggers, sourcesOf } from "./triggers.ts";

/**
 * The stages of one build. All of them begin at once; one that stands on another, or copies from it, waits for that at this
 * very point. So what is independent runs side by side, and what is not needed does not run at all.
 */
export class StageGraph {
  readonly #run: BuildRun;
  readonly #stages = new Map<number, Promise<Stage>>();

  constructor(run: BuildRun) {
    this.#run = run;
    run.stage = (index) => this.stage(index);
  }

  /** Builds all stages of the plan, and gives that of the target. Rejects with the first failure. */
  async build(): Promise<Stage> {
    const { plan } = this.#run.job;
    await this.#number();
    await checkBuild(this.#run);
    const stages = plan.stages.map(({ index }) => this.stage(index));
    await Promise.allSettled(stages);
    // Stages that only triggers asked for.
    await Promise.allSettled(this.#stages.values());
    await this.#run.settle();
    this.#run.checkFailed();
    return await this.stage(plan.target.index);
  }

  /** The stage of that number, begun now where it was not. */
  stage(index: number): Promise<Stage> {
    let stage = this.#stages.get(index);
    if (!stage) {
      stage = this.#build(index);
      // The failure itself is told by the run.
      stage.catch(() => undefined);
      this.#stages.set(index, stage);
    }
    return stage;
  }

  async #build(index: number): Promise<Stage> {
    const { job, steps } = this.#run;
    const plan = job.plan.allStages[index];
    if (!plan)
      throw new SlipwayError("stage-missing", `There is no stage ${index}.`, { params: { stage: index } });
    if (!steps.has(index)) steps.add(plan, []);
    return await buildStage(this.#run, plan);
  }

  /**
   * Counts all steps and tells the plan: with the triggers of bases that are here, and with the stages that these need.
   */
  async #number(): Promise<void> {
    const { job, steps } = this.#run;
    const waiting = [...job.plan.stages];
    for (let plan = waiting.shift(); plan; plan = waiting.shift()) {
      if (steps.has(plan.index)) continue;
      const triggers = await this.#knownTriggers(plan.index);
      steps.add(plan, triggers);
      for (const source of sourcesOf(triggers)) {
        const index = job.plan.stageIndex.get(source.toLowerCase());
        const needed = index === undefined || index >= plan.index ? undefined : job.plan.allStages[index];
        if (needed) waiting.push(needed);
      }
    }
    steps.announce();
  }

  /** None where the base is not known yet, or can't be read: the stage's own FROM says so. */
  async #knownTriggers(index: number): Promise<Instruction[]> {
    const { allStages } = this.#run.job.plan;
    const plan = allStages[index];
    if (!plan || plan.base.kind === "scratch") return [];
    const { base, from } = plan;
    try {
      if (base.kind === "image") {
        const image = await this.#run.localImage(base.reference);
        return readTriggers(triggersOf(image?.config.config), from);
      }
      const written = allStages[base.index]?.instructions ?? [];
      return readTriggers(
        written.flatMap((one) => (one.kind === "onbuild" ? [one.trigger] : [])),
        from,
      );
    } catch {
      return [];
    }
  }
}

function triggersOf(config: ExecutionConfig | undefined): string[] {
  return Array.isArray(config?.OnBuild) ? config.OnBuild.map(String) : [];
}
