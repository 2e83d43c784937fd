import { type DockerfileText, partsOf, restWords } from "./dockerfile-text.ts";
import type { TextEdit } from "./text-places.ts";

/** The edits that give a stage another name wherever it is named: FROM, COPY --from, RUN --mount=from. */
export function renameStage(text: DockerfileText, old: string, name: string): TextEdit[] {
  const isMeant = (word: string): boolean => word.toLowerCase() === old.toLowerCase() && word !== name;
  return text.entries.flatMap((entry): TextEdit[] => {
    const { known, flags, rest } = partsOf(entry);
    const change = (start: number, end: number): TextEdit => ({
      ...text.spanIn(entry, start, end),
      insert: name,
    });
    if (known === "FROM") {
      const [image, , stage] = restWords(entry, rest);
      return [image, stage].flatMap((word) =>
        word && isMeant(word.text) ? [change(word.start, word.end)] : [],
      );
    }
    return flags.flatMap(({ name: flag, value, end }): TextEdit[] => {
      if (value === null) return [];
      if (known === "COPY" && flag === "from" && isMeant(value)) return [change(end - value.length, end)];
      const from = known === "RUN" && flag === "mount" ? /(^|,)from=([^,]*)/.exec(value) : null;
      if (from === null || !isMeant(from[2] ?? "")) return [];
      const start = end - value.length + from.index + (from[1]?.length ?? 0) + "from=".length;
      return [change(start, start + (from[2]?.length ?? 0))];
    });
  });
}
