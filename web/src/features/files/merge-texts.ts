import { diff3Merge } from "node-diff3";

export interface ThreeTexts {
  readonly base: string;
  readonly mine: string;
  readonly theirs: string;
}

/** `clean`: nothing was changed in the same lines. Otherwise the text has marks around both versions of such lines. */
export interface Merged {
  readonly clean: boolean;
  readonly text: string;
}

export type MergeTexts = (texts: ThreeTexts) => Merged;

/** Lines that differ in one of the texts; more would keep the page busy and count as one conflict. */
const MOST_LINES = 4_000;

/** What `git merge` writes. */
const MARKS = { mine: "<<<<<<< yours", between: "=======", theirs: ">>>>>>> theirs" };

type Region = { readonly ok?: string[]; readonly conflict?: { readonly a: string[]; readonly b: string[] } };

/** Brings two changes of one text together, line by line. */
export const mergeTexts: MergeTexts = ({ base, mine, theirs }) => {
  if (mine === theirs || theirs === base) return { clean: true, text: mine };
  if (mine === base) return { clean: true, text: theirs };
  const texts = [mine, base, theirs].map(linesOf) as [string[], string[], string[]];
  const head = alike(texts, (lines, at) => lines[at]);
  const rest = texts.map((lines) => lines.slice(head)) as typeof texts;
  const tail = alike(rest, (lines, at) => lines[lines.length - 1 - at]);
  const [a, o, b] = rest.map((lines) => lines.slice(0, lines.length - tail)) as typeof texts;
  const regions: Region[] =
    Math.max(a.length, o.length, b.length) > MOST_LINES
      ? [{ conflict: { a, b } }]
      : diff3Merge(a, o, b, { excludeFalseConflicts: true });
  const middle = regions.flatMap(({ ok, conflict }) => (conflict ? marked(conflict) : (ok ?? [])));
  const [all] = texts;
  return {
    clean: regions.every(({ conflict }) => conflict === undefined),
    text: [...all.slice(0, head), ...middle, ...all.slice(all.length - tail)].join(""),
  };
};

/** Lines with their ends. */
const linesOf = (text: string): string[] => text.split(/(?<=\n)/);

/** How many lines of all texts are the same, counted by `at`. */
function alike(
  texts: readonly string[][],
  at: (lines: string[], index: number) => string | undefined,
): number {
  const most = Math.min(...texts.map((lines) => lines.length));
  const [first = []] = texts;
  let count = 0;
  while (count < most && texts.every((lines) => at(lines, count) === at(first, count))) count += 1;
  return count;
}

const marked = ({ a, b }: { readonly a: string[]; readonly b: string[] }): string[] => [
  `${MARKS.mine}\n`,
  ...ended(a),
  `${MARKS.between}\n`,
  ...ended(b),
  `${MARKS.theirs}\n`,
];

const ended = (lines: readonly string[]): string[] =>
  lines.filter((line) => line !== "").map((line) => (line.endsWith("\n") ? line : `${line}\n`));
