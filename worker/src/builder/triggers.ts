import { type FromInstruction, type Instruction, parseTrigger } from "@slipway/dockerfile";
import { SlipwayError } from "@slipway/protocol";

/** Triggers that one base may have. */
const MAX_TRIGGERS = 1000;
/** As the plan shows them. */
const PREFIX = "ONBUILD ";

/**
 * The instructions that a base's ONBUILD asks for, at the place of the FROM that brings them in. Throws
 * `dockerfile-invalid` where a base holds what can't be a trigger.
 */
export function readTriggers(triggers: readonly string[], from: FromInstruction): Instruction[] {
  if (triggers.length > MAX_TRIGGERS) throw refused(from, `more than ${MAX_TRIGGERS} triggers`);
  return triggers.map((text) => {
    const { instruction, diagnostics } = parseTrigger(text);
    if (!instruction) throw refused(from, diagnostics[0]?.message ?? "a trigger that is none");
    return { ...instruction, range: from.range, text: PREFIX + instruction.text };
  });
}

/** Names of stages or images that triggers copy from. */
export function sourcesOf(instructions: readonly Instruction[]): string[] {
  return instructions.flatMap((one) => {
    if (one.kind === "copy" || one.kind === "add") return one.from === null ? [] : [one.from];
    return one.kind === "run" ? one.mounts.flatMap(({ from }) => (from === null ? [] : [from])) : [];
  });
}

function refused(from: FromInstruction, why: string): SlipwayError {
  const reason = why.slice(0, 1000);
  return new SlipwayError(
    "dockerfile-invalid",
    `The base ${from.image.slice(0, 200)} has ONBUILD: ${reason}`,
    {
      params: { reason },
    },
  );
}
