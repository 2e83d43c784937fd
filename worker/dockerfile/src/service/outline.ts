import type { SourceRange } from "../source.ts";
import { type DockerfileText, partsOf } from "./dockerfile-text.ts";

/** Characters of an instruction that the outline shows. */
const MAX_SUMMARY_CHARACTERS = 80;

export interface OutlineStep {
  readonly keyword: string;
  /** What follows the keyword, cut where it is long. */
  readonly summary: string;
  readonly range: SourceRange;
}

export interface OutlineStage {
  /** Its number in the file; null for what stands before the first FROM. */
  readonly index: number | null;
  readonly name: string | null;
  /** The image or the stage that it starts from, as written. */
  readonly base: string;
  /** FROM is the first, where there is one. */
  readonly steps: readonly OutlineStep[];
}

/** The stages of a Dockerfile with their instructions, in the order of the file; also of a file with errors. */
export function outlineOf(text: DockerfileText): OutlineStage[] {
  const stages: { index: number | null; name: string | null; base: string; steps: OutlineStep[] }[] = [];
  let index = 0;
  for (const entry of text.entries) {
    const { keyword, known } = partsOf(entry);
    if (known === "FROM") {
      const from = entry.instruction?.kind === "from" ? entry.instruction : null;
      stages.push({ index, name: from?.stageName ?? null, base: from?.image ?? "", steps: [] });
      index += 1;
    } else if (stages.length === 0) stages.push({ index: null, name: null, base: "", steps: [] });
    const rest = entry.line.text.slice(keyword.end).replace(/\s+/g, " ").trim();
    stages.at(-1)?.steps.push({
      keyword: keyword.text.toUpperCase(),
      summary: rest.length > MAX_SUMMARY_CHARACTERS ? `${rest.slice(0, MAX_SUMMARY_CHARACTERS - 1)}…` : rest,
      range: entry.line.range,
    });
  }
  return stages;
}
