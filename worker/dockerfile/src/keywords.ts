/** Every instruction of the Dockerfile reference 1.x. */
export const KEYWORDS = [
  "FROM",
  "RUN",
  "CMD",
  "LABEL",
  "MAINTAINER",
  "EXPOSE",
  "ENV",
  "ADD",
  "COPY",
  "ENTRYPOINT",
  "VOLUME",
  "USER",
  "WORKDIR",
  "ARG",
  "ONBUILD",
  "STOPSIGNAL",
  "HEALTHCHECK",
  "SHELL",
] as const;

export type Keyword = (typeof KEYWORDS)[number];

const KNOWN: ReadonlySet<string> = new Set(KEYWORDS);

export const isKeyword = (word: string): word is Keyword => KNOWN.has(word);

/** Edits that a misspelt word may be away from the keyword that it stands for. */
const MAX_EDITS = 2;

/** Longest word that is compared. */
const MAX_WORD_CHARACTERS = 64;

/** The candidate nearest to a misspelt word, or null when none is near. */
export function suggest(word: string, candidates: readonly string[]): string | null {
  if (word.length > MAX_WORD_CHARACTERS) return null;
  let best: string | null = null;
  let bestDistance = MAX_EDITS + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > MAX_EDITS) continue;
    const distance = editDistance(word, candidate);
    if (distance < bestDistance && distance < candidate.length) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

/** Levenshtein distance; both words are short. */
function editDistance(left: string, right: string): number {
  let previous = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const replaced = (previous[column - 1] ?? 0) + (left[row - 1] === right[column - 1] ? 0 : 1);
      current.push(Math.min(replaced, (previous[column] ?? 0) + 1, (current[column - 1] ?? 0) + 1));
    }
    previous = current;
  }
  return previous[right.length] ?? 0;
}
