import type { DiagnosticCode } from "../diagnostics.ts";
import type { LintRule } from "../lint/rules.ts";
import { partsOf, restWords, type Token } from "./dockerfile-text.ts";
import { jsonForm, keyValueForm } from "./forms.ts";
import type { Place, QuickFix } from "./quick-fixes.ts";
import { renameStage } from "./rename-stage.ts";
import type { TextEdit } from "./text-places.ts";

type Fixer = (place: Place) => readonly QuickFix[];

/** Image that a new FROM names: small, and on every worker from the start. */
const STARTER_IMAGE = "busybox";

/** Replaces a stretch of the entry's logical text. */
function edit({ text, entry }: Place, start: number, end: number, insert: string): TextEdit {
  return { ...text.spanIn(entry, start, end), insert };
}

const replace = (place: Place, token: Pick<Token, "start" | "end">, insert: string): QuickFix => ({
  title: { kind: "replace", text: insert },
  edits: [edit(place, token.start, token.end, insert)],
});

/** Takes a word away with the white space behind it. */
function remove(place: Place, token: Pick<Token, "start" | "end">): QuickFix {
  const { text } = place.entry.line;
  const space = /^[\t ]*/.exec(text.slice(token.end))?.[0].length ?? 0;
  return {
    title: { kind: "remove", text: text.slice(token.start, token.end) },
    edits: [edit(place, token.start, token.end + space, "")],
  };
}

/** In the case in which people wrote the word before. */
const inCaseOf = (written: string, word: string): string =>
  written === written.toLowerCase() ? word.toLowerCase() : word;

const misspeltInstruction: Fixer = (place) => {
  const { suggestion } = place.diagnostic;
  if (suggestion === null) return [];
  const { from, to } = place.text.places.spanOf(place.diagnostic.range);
  const insert = inCaseOf(place.text.text.slice(from, to), suggestion);
  return [{ title: { kind: "replace", text: insert }, edits: [{ from, to, insert }] }];
};

/** Replaces a flag's name by the one that was probably meant, and keeps its value. */
const misspeltFlag: Fixer = (place) => {
  const { suggestion, range } = place.diagnostic;
  const { from, to } = place.text.places.spanOf(range);
  const [name] = place.text.text.slice(from, to).split("=");
  if (suggestion === null || name === undefined) return [];
  return [
    {
      title: { kind: "replace", text: suggestion },
      edits: [{ from, to: from + name.length, insert: suggestion }],
    },
  ];
};

/** A value that the parser has a better one for: `--network=hots`. */
const misspeltValue: Fixer = (place) => {
  const { suggestion, range } = place.diagnostic;
  const flag = place.parts.flags.find(({ start, end }) => {
    const at = place.text.spanIn(place.entry, start, end).from;
    return at === place.text.places.spanOf(range).from;
  });
  if (suggestion === null || flag?.value == null || flag.name === "mount") return [];
  return [replace(place, { start: flag.end - flag.value.length, end: flag.end }, suggestion)];
};

const unterminatedHereDocument: Fixer = ({ text, entry }) => {
  const document = entry.line.hereDocuments.at(-1);
  if (document === undefined) return [];
  const at = text.text.length;
  const insert = `${text.text.endsWith("\n") ? "" : "\n"}${document.name}\n`;
  return [{ title: { kind: "insert", text: document.name }, edits: [{ from: at, to: at, insert }] }];
};

const missingFrom: Fixer = ({ text, entry }) => {
  const at = text.places.startOf(entry.line.range.startLine);
  const from = `FROM ${STARTER_IMAGE}`;
  return [{ title: { kind: "insert", text: from }, edits: [{ from: at, to: at, insert: `${from}\n` }] }];
};

/** `FROM node builder` has no AS. */
const missingAs: Fixer = (place) => {
  const words = restWords(place.entry, place.parts.rest);
  const [image, name] = words;
  if (place.parts.known !== "FROM" || image === undefined || name === undefined || words.length !== 2)
    return [];
  const as = inCaseOf(place.parts.keyword.text, "AS");
  if (name.text.toLowerCase() === "as") return [remove(place, { start: image.end, end: name.end })];
  const insert = `${as} `;
  const { from } = place.text.spanIn(place.entry, name.start, name.end);
  return [{ title: { kind: "insert", text: as }, edits: [{ from, to: from, insert }] }];
};

const stageNameToken = (place: Place): Token | undefined => restWords(place.entry, place.parts.rest)[2];

const invalidStageName: Fixer = (place) => {
  const token = stageNameToken(place);
  const plain = (token?.text ?? "")
    .toLowerCase()
    .replace(/[^a-z0-9-_.]+/g, "-")
    .replace(/^[^a-z]+/, "");
  return token === undefined || plain === "" ? [] : [replace(place, token, plain)];
};

const lowerStageName: Fixer = (place) => {
  const token = stageNameToken(place);
  if (token === undefined) return [];
  const name = token.text.toLowerCase();
  return [{ title: { kind: "rename-stage", text: name }, edits: renameStage(place.text, token.text, name) }];
};

const fromAsCasing: Fixer = (place) => {
  const as = restWords(place.entry, place.parts.rest)[1];
  return as === undefined ? [] : [replace(place, as, inCaseOf(place.parts.keyword.text, "AS"))];
};

const instructionCasing: Fixer = (place) => {
  const { keyword } = place.parts;
  const wanted = /lowercase\)$/.test(place.diagnostic.message)
    ? keyword.text.toLowerCase()
    : keyword.text.toUpperCase();
  const all = place.text.entries.flatMap((entry): TextEdit[] => {
    const parts = partsOf(entry);
    const span = place.text.spanIn(entry, parts.keyword.start, parts.keyword.end);
    return parts.known === null || parts.known === parts.keyword.text
      ? []
      : [{ ...span, insert: parts.known }];
  });
  const one = replace(place, keyword, wanted);
  return all.length < 2 ? [one] : [one, { title: { kind: "capitals", text: "" }, edits: all }];
};

const emptyContinuation: Fixer = ({ text, diagnostic }) => {
  const from = text.places.startOf(diagnostic.range.startLine);
  const to = text.places.startOf(diagnostic.range.startLine + 1);
  return from === to ? [] : [{ title: { kind: "remove", text: "⏎" }, edits: [{ from, to, insert: "" }] }];
};

const relativeWorkdir: Fixer = (place) => {
  const { rest } = place.parts;
  const path = place.entry.line.text.slice(rest);
  return [replace(place, { start: rest, end: rest + path.length }, `/${path.replace(/^(?:\.\/)+/, "")}`)];
};

const removeInstruction: Fixer = ({ text, entry }) => {
  const from = text.places.startOf(entry.line.range.startLine);
  const to = Math.max(
    text.places.startOf(entry.line.range.endLine + 1),
    text.places.endOf(entry.line.range.endLine),
  );
  return [
    { title: { kind: "remove", text: entry.line.text.slice(0, 40) }, edits: [{ from, to, insert: "" }] },
  ];
};

/** A variable that nothing sets: the one that was meant, or an ARG for it. */
const undefinedVariable: Fixer = (place) => {
  const name = /'\$?(\w+)'/.exec(place.diagnostic.message)?.[1];
  if (name === undefined) return [];
  const isFrom = place.parts.known === "FROM";
  const { suggestion } = place.diagnostic;
  const named = [...place.entry.line.text.matchAll(new RegExp(`\\$\\{?(${name})\\b`, "g"))];
  const better =
    suggestion === null
      ? []
      : [
          {
            title: { kind: "replace" as const, text: `$${suggestion}` },
            edits: named.map((match) => {
              const end = match.index + match[0].length;
              return edit(place, end - name.length, end, suggestion);
            }),
          },
        ];
  const first = place.text.entries.find(({ instruction }) => instruction?.kind === "from");
  const before = isFrom ? (first ?? place.entry) : place.entry;
  const at = place.text.places.startOf(before.line.range.startLine);
  const declaration = `ARG ${name}`;
  const declare: QuickFix = {
    title: { kind: "insert", text: declaration },
    edits: [{ from: at, to: at, insert: `${declaration}\n` }],
  };
  return [...better, declare];
};

const removeFlag: Fixer = (place) => {
  const flag = place.parts.flags.find(({ name }) => name === "platform");
  return flag === undefined ? [] : [remove(place, flag)];
};

const exposedWords =
  (change: (word: string) => string): Fixer =>
  (place) => {
    const wrong = restWords(place.entry, place.parts.rest).filter(({ text }) => change(text) !== text);
    const [first] = wrong;
    if (first === undefined) return [];
    const edits = wrong.map(({ text, start, end }) => edit(place, start, end, change(text)));
    return [{ title: { kind: "replace", text: wrong.map(({ text }) => change(text)).join(" ") }, edits }];
  };

const maintainerAsLabel: Fixer = (place) => {
  const { keyword, rest } = place.parts;
  const { text } = place.entry.line;
  const author = text.slice(rest).replace(/^(["'])(.*)\1$/, "$2");
  const label = `${inCaseOf(keyword.text, "LABEL")} org.opencontainers.image.authors=${JSON.stringify(author)}`;
  return [replace(place, { start: 0, end: text.length }, label)];
};

/** Fixes by the code of what they mend. */
export const FIXES: Partial<Record<DiagnosticCode | LintRule, Fixer>> = {
  "instruction-unknown": misspeltInstruction,
  "flag-unknown": misspeltFlag,
  "flag-invalid": misspeltValue,
  "heredoc-unterminated": unterminatedHereDocument,
  "from-missing": missingFrom,
  "argument-invalid": missingAs,
  "stage-name-invalid": invalidStageName,
  StageNameCasing: lowerStageName,
  FromAsCasing: fromAsCasing,
  ConsistentInstructionCasing: instructionCasing,
  NoEmptyContinuation: emptyContinuation,
  JSONArgsRecommended: jsonForm,
  LegacyKeyValueFormat: keyValueForm,
  MaintainerDeprecated: maintainerAsLabel,
  WorkdirRelativePath: relativeWorkdir,
  MultipleInstructionsDisallowed: removeInstruction,
  UndefinedVar: undefinedVariable,
  UndefinedArgInFrom: undefinedVariable,
  RedundantTargetPlatform: removeFlag,
  FromPlatformFlagConstDisallowed: removeFlag,
  ExposeProtoCasing: exposedWords((word) => word.toLowerCase()),
  ExposeInvalidFormat: exposedWords((word) => word.slice(word.lastIndexOf(":") + 1)),
};
