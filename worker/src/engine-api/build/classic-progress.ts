import type { BuildEvent, PlanStep } from "@slipway/protocol";
import { parseReference } from "../../image-store/reference.ts";
import { LayerLines, type ProgressLine, shortId, type Tell } from "../images/progress-lines.ts";

/** How the classic builder shows what a step wrote to stderr: light red (moby, builder/dockerfile). */
const RED = "\u001b[91m";
const PLAIN = "\u001b[0m";

interface StepState {
  readonly lines: ProgressLine[];
  isOver: boolean;
  layers: LayerLines | null;
}

/**
 * Tells a build in the words of Docker's classic builder: `Step 1/3 : FROM node`, output, ` ---> …`. Steps that run side by
 * side are told one after the other, each as a whole, in the order of the plan; what waits for that is bounded by the
 * builder's own bound of a log.
 */
export class ClassicProgress {
  readonly #tell: Tell;
  readonly #states = new Map<number, StepState>();
  #plan: readonly PlanStep[] = [];
  /** Place in the plan of the step that is being told. */
  #at = 0;

  constructor(tell: Tell) {
    this.#tell = tell;
  }

  readonly event = (event: BuildEvent): void => {
    if (event.type === "plan") this.#planned(event.steps);
    else if (event.type === "warning") this.#tell({ stream: `[Warning] ${event.message}\n` });
    else if (event.type === "pull") this.#pull(event);
    else if (event.type === "log") this.#add(event.step, { stream: colored(event) });
    else if (event.type === "step-finished") this.#over(event.step);
    else if (event.type === "step-cached") {
      if (event.hit !== "base-present") this.#add(event.step, { stream: " ---> Using cache\n" });
      this.#over(event.step);
    }
  };

  /** The end of a build that gave an image. */
  built(imageId: string, names: readonly string[]): void {
    // What was not told, such as steps of a stage that nothing waited for.
    for (const { step } of this.#plan) this.#over(step);
    this.#tell({ stream: ` ---> ${shortId(imageId)}\n` });
    this.#tell({ aux: { ID: imageId } });
    this.#tell({ stream: `Successfully built ${shortId(imageId)}\n` });
    for (const name of names)
      this.#tell({ stream: `Successfully tagged ${parseReference(name).familiar}\n` });
  }

  #planned(steps: readonly PlanStep[]): void {
    const current = this.#plan[this.#at];
    this.#plan = steps;
    // Triggers of a base stand before steps that are not told yet.
    if (current)
      this.#at = Math.max(
        0,
        steps.findIndex(({ step }) => step === current.step),
      );
    else this.#header();
  }

  #pull(event: Extract<BuildEvent, { type: "pull" }>): void {
    const state = this.#state(event.step);
    if (state.layers === null) {
      const { repository, tag } = parseReference(event.reference);
      this.#add(event.step, { status: `Pulling from ${repository}`, id: tag ?? "latest" });
      state.layers = new LayerLines("pull", (line) => this.#add(event.step, line));
    }
    state.layers.update(event.layers);
  }

  #state(step: number): StepState {
    let state = this.#states.get(step);
    if (!state) {
      state = { lines: [], isOver: false, layers: null };
      this.#states.set(step, state);
    }
    return state;
  }

  #add(step: number, line: ProgressLine): void {
    if (this.#plan[this.#at]?.step === step) this.#tell(line);
    else this.#state(step).lines.push(line);
  }

  /** Goes on to the next step that is not over. */
  #over(step: number): void {
    this.#state(step).isOver = true;
    while (this.#at < this.#plan.length) {
      const current = this.#plan[this.#at];
      if (!current || !this.#states.get(current.step)?.isOver) return;
      this.#states.delete(current.step);
      this.#at += 1;
      this.#header();
    }
  }

  /** Begins to tell the step that is at hand, with all that it has said by now. */
  #header(): void {
    const current = this.#plan[this.#at];
    if (!current) return;
    this.#tell({ stream: `Step ${this.#at + 1}/${this.#plan.length} : ${current.text}\n` });
    const state = this.#states.get(current.step);
    for (const line of state?.lines.splice(0) ?? []) this.#tell(line);
  }
}

const colored = ({
  stream,
  text,
}: {
  readonly stream: "stdout" | "stderr";
  readonly text: string;
}): string => (stream === "stderr" ? `${RED}${text}${PLAIN}` : text);
