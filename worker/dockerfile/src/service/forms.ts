import type { Place, QuickFix } from "./quick-fixes.ts";

/** What only a shell understands: variables, lists, redirections, patterns, quotes within words. */
const NEEDS_SHELL = /[$`|&;<>()*?[\]{}~#!\\\n]/;
const PLAIN_WORD = /^[^'"\s]+$|^"([^"]*)"$|^'([^']*)'$/;

/** The words of a command that needs no shell; null where it does. */
function plainWords(script: string): string[] | null {
  // An assignment in front, `A=1 run`, is the shell's as well.
  if (NEEDS_SHELL.test(script) || /^\w+=/.test(script)) return null;
  const words: string[] = [];
  for (const [word] of script.matchAll(/"[^"]*"|'[^']*'|[^'"\s]+(?:["'][^\s]*)?/g)) {
    if (!PLAIN_WORD.test(word)) return null;
    words.push(word.replace(/^(["'])(.*)\1$/, "$2"));
  }
  return words.length === 0 ? null : words;
}

/** A lone program, which can take the shell's place: no built-in command, no assignment in front of it. */
const LONE_PROGRAM =
  /^(?!(?:alias|case|cd|eval|exec|exit|export|for|if|read|set|shift|source|test|trap|ulimit|umask|unset|until|wait|while)\b)[\w./-]*\w(?=\s|$)/;

const asJson = (words: readonly string[]): string =>
  `[${words.map((word) => JSON.stringify(word)).join(", ")}]`;

/**
 * `CMD node app.js` as `CMD ["node", "app.js"]`. What needs a shell gets one by name; with `exec` in front the program takes
 * the shell's place, so that signals reach it.
 */
export function jsonForm(place: Place): readonly QuickFix[] {
  const { instruction, line } = place.entry;
  if (instruction?.kind !== "cmd" && instruction?.kind !== "entrypoint") return [];
  const { command } = instruction;
  if (command.form !== "shell") return [];
  const { from } = place.text.spanIn(place.entry, place.parts.rest, place.parts.rest + 1);
  const { to } = place.text.places.spanOf(line.range);
  const isLone = !/[;&|\n]/.test(command.script) && LONE_PROGRAM.test(command.script);
  const words = plainWords(command.script) ?? [
    "/bin/sh",
    "-c",
    isLone ? `exec ${command.script}` : command.script,
  ];
  return [
    { title: { kind: "json-form", text: asJson(words) }, edits: [{ from, to, insert: asJson(words) }] },
  ];
}

/** `ENV NAME some value` as `ENV NAME="some value"`. */
export function keyValueForm(place: Place): readonly QuickFix[] {
  const { instruction, line } = place.entry;
  if ((instruction?.kind !== "env" && instruction?.kind !== "label") || !instruction.oldForm) return [];
  const [pair] = instruction.pairs;
  if (pair === undefined) return [];
  const insert = `${pair.key}=${quoted(pair.value)}`;
  const { from } = place.text.spanIn(place.entry, place.parts.rest, place.parts.rest + 1);
  const { to } = place.text.places.spanOf(line.range);
  return [{ title: { kind: "replace", text: insert }, edits: [{ from, to, insert }] }];
}

/** A value that means the same behind `=`. Quotes and escapes of the old form mean what they mean in the new one. */
function quoted(value: string): string {
  if (!/[\t-\r ]/.test(value)) return value;
  if (!/["'\\]/.test(value)) return `"${value}"`;
  // Within quotes that are there already, white space is kept; outside of them it is escaped.
  return value.replace(/"(?:\\.|[^"\\])*"|'[^']*'|\\.|[\t-\r ]/g, (part) =>
    /^[\t-\r ]$/.test(part) ? `\\${part}` : part,
  );
}
