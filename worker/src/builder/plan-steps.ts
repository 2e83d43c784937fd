import type { BuildPlan, Instruction, StagePlan } from "@slipway/dockerfile";
import type { BuildEvent, PlanStep } from "@slipway/protocol";

/** Characters of an instruction that a plan shows. */
const PLAN_TEXT_CHARACTERS = 4096;
const NAME_CHARACTERS = 256;

interface NumberedStep {
  readonly step: number;
  readonly instruction: Instruction;
}

/** The steps of one stage, as the build counts them. */
export interface StageSteps {
  readonly plan: StagePlan;
  readonly from: number;
  /** What follows FROM: triggers of the base, then the stage's own instructions. */
  readonly steps: readonly NumberedStep[];
}

/**
 * The numbers of all steps. They are given once and stay: triggers that are found when a base image has been pulled are
 * counted after all others, and the plan is told again, with them at their place.
 */
export class PlanSteps {
  readonly #plan: BuildPlan;
  readonly #emit: (event: BuildEvent) => void;
  readonly #stages = new Map<number, StageSteps>();
  readonly #instructions: Instruction[] = [];
  #isAnnounced = false;

  constructor(plan: BuildPlan, emit: (event: BuildEvent) => void) {
    this.#plan = plan;
    this.#emit = emit;
  }

  /** Counts a stage with the triggers that are known of its base. */
  add(plan: StagePlan, triggers: readonly Instruction[]): void {
    const from = this.#count(plan.from);
    const steps = [...triggers, ...plan.instructions].map((one) => ({
      step: this.#count(one),
      instruction: one,
    }));
    this.#stages.set(plan.index, { plan, from, steps });
    if (this.#isAnnounced) this.announce();
  }

  /** Puts triggers before the instructions of a stage that is counted already. */
  addTriggers(index: number, triggers: readonly Instruction[]): void {
    const stage = this.stage(index);
    const more = triggers.map((one) => ({ step: this.#count(one), instruction: one }));
    this.#stages.set(index, { ...stage, steps: [...more, ...stage.steps] });
    this.announce();
  }

  has(index: number): boolean {
    return this.#stages.has(index);
  }

  stage(index: number): StageSteps {
    const stage = this.#stages.get(index);
    if (!stage) throw new Error(`stage ${index} is not part of the plan`);
    return stage;
  }

  instruction(step: number): Instruction | null {
    return this.#instructions[step] ?? null;
  }

  /** Tells the plan. */
  announce(): void {
    this.#isAnnounced = true;
    const stages = [...this.#stages.values()].sort((left, right) => left.plan.index - right.plan.index);
    this.#emit({
      type: "plan",
      steps: stages.flatMap(({ plan, from, steps }) =>
        [{ step: from, instruction: plan.from }, ...steps].map((one) => planStep(plan, one)),
      ),
      stages: stages.map(({ plan }) => ({
        name: nameOf(plan),
        needs: plan.needs.map((needed) => nameOf(this.#plan.allStages[needed] ?? plan)),
      })),
    });
  }

  #count(instruction: Instruction): number {
    this.#instructions.push(instruction);
    return this.#instructions.length - 1;
  }
}

const nameOf = ({ name }: StagePlan): string => name.slice(0, NAME_CHARACTERS);

function planStep(plan: StagePlan, { step, instruction }: NumberedStep): PlanStep {
  const text = instruction.text.replaceAll(/\s+/g, " ").slice(0, PLAN_TEXT_CHARACTERS);
  return { step, stage: nameOf(plan), text, range: instruction.range };
}
