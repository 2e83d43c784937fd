import { flagsOf } from "../flags.ts";
import { isKeyword } from "../keywords.ts";
import { MOUNT_TYPES, type MountType } from "../mount.ts";
import type { Entry } from "../parser.ts";
import { type DockerfileText, hereDocumentAt, type Parts, partsOf, restWords } from "./dockerfile-text.ts";
import { idiomsIn } from "./idioms.ts";
import type { Span } from "./text-places.ts";
import { DIRECTIVE_NAMES, type DirectiveName, type Topic } from "./topics.ts";
import { type VisibleVariable, visibleVariables } from "./variables.ts";

/** What can be said of a place in a Dockerfile. */
export interface Hover extends Span {
  readonly topics: readonly Topic[];
  /** The variable that is named there, as it is when the instruction runs. */
  readonly variable: VisibleVariable | null;
  /** The stage that is named there, and the line of its FROM. */
  readonly stage: { readonly name: string; readonly image: string; readonly line: number } | null;
}

/** What there is to say of the word at the offset; null where there is nothing. */
export function hoverAt(text: DockerfileText, offset: number): Hover | null {
  const { line, column } = text.places.positionOf(offset);
  const entry = text.entryAt(line);
  if (entry === null) return directiveAt(text, line);
  if (line > entry.line.map.lastLine) {
    const document = hereDocumentAt(entry, line);
    const span = { from: text.places.startOf(line), to: text.places.endOf(line) };
    return document === null ? null : { ...span, ...NOTHING, topics: ["idiom:here-document"] };
  }
  const at = entry.line.map.offsetAt(line, column);
  if (at === null || at >= entry.line.text.length) return null;
  const outer = partsOf(entry);
  const isTrigger = outer.known === "ONBUILD" && at >= outer.rest;
  return wordAt(text, entry, at, isTrigger ? partsOf(entry, outer.rest) : outer);
}

const NOTHING = { topics: [], variable: null, stage: null } as const;

function directiveAt({ places, dockerfile }: DockerfileText, line: number): Hover | null {
  if (line > dockerfile.directives.lines) return null;
  const name = /^\s*#\s*([a-z]+)\s*=/i.exec(places.line(line))?.[1]?.toLowerCase();
  if (!DIRECTIVE_NAMES.some((one) => one === name)) return null;
  const span = { from: places.startOf(line), to: places.endOf(line) };
  return { ...span, ...NOTHING, topics: [`directive:${name as DirectiveName}`] };
}

function wordAt(text: DockerfileText, entry: Entry, at: number, parts: Parts): Hover | null {
  const { keyword, known } = parts;
  const inside = (one: { start: number; end: number }): boolean => one.start <= at && at < one.end;
  const span = (one: { start: number; end: number }): Span => text.spanIn(entry, one.start, one.end);
  if (known !== null && inside(keyword)) {
    return { ...span(keyword), ...NOTHING, topics: [`instruction:${known}`] };
  }
  const variable = variableAt(text, entry, at);
  if (variable !== null)
    return { ...span(variable), ...NOTHING, topics: ["idiom:variable"], variable: variable.value };
  const flag = parts.flags.find(inside);
  if (flag && known !== null && Object.hasOwn(flagsOf(known), flag.name)) {
    const type =
      flag.name === "mount" ? (/(?:^|,)type=([a-z]+)/.exec(flag.value ?? "")?.[1] ?? "bind") : null;
    const mount = MOUNT_TYPES.find((one) => one === type);
    const from = flag.name === "from" ? flag.value : /(?:^|,)from=([^,]*)/.exec(flag.value ?? "")?.[1];
    return {
      ...span(flag),
      ...NOTHING,
      topics: [
        `flag:${known}.${flag.name}` as Topic,
        ...(mount ? [`mount:${mount}` as `mount:${MountType}`] : []),
      ],
      stage: stageNamed(text, entry, from ?? null),
    };
  }
  const idiom = idiomsIn(entry, parts).findLast(inside);
  if (known === "FROM") return fromAt(text, entry, at, parts, idiom?.topic ?? null);
  if (idiom) return { ...span(idiom), ...NOTHING, topics: [idiom.topic] };
  return nestedKeyword(entry, at, parts, span);
}

/** CMD of a health check. */
function nestedKeyword(
  entry: Entry,
  at: number,
  { known, rest }: Parts,
  span: (one: { start: number; end: number }) => Span,
): Hover | null {
  const [word] = restWords(entry, rest);
  if (known !== "HEALTHCHECK" || word === undefined || at < word.start || at >= word.end) return null;
  const inner = word.text.toUpperCase();
  return isKeyword(inner) ? { ...span(word), ...NOTHING, topics: [`instruction:${inner}`] } : null;
}

function fromAt(
  text: DockerfileText,
  entry: Entry,
  at: number,
  { rest }: Parts,
  idiom: Topic | null,
): Hover | null {
  const words = restWords(entry, rest);
  const index = words.findIndex(({ start, end }) => start <= at && at < end);
  const word = words[index];
  if (word === undefined) return null;
  const span = text.spanIn(entry, word.start, word.end);
  if (index > 0) return { ...span, ...NOTHING, topics: ["idiom:stage-name"] };
  const stage = stageNamed(text, entry, word.text);
  if (stage !== null) return { ...span, ...NOTHING, topics: ["idiom:stage-name"], stage };
  return idiom === null ? null : { ...span, ...NOTHING, topics: [idiom] };
}

/** A stage before the entry, by name or number. */
function stageNamed(text: DockerfileText, entry: Entry, name: string | null): Hover["stage"] {
  if (name === null) return null;
  const stages = text.stages();
  const found = stages.findLast(
    (one, index) =>
      one.entry.line.range.startLine < entry.line.range.startLine &&
      (one.name === name.toLowerCase() || String(index) === name),
  );
  return found ? { name, image: found.image, line: found.entry.line.range.startLine } : null;
}

/** `$NAME` and `${NAME…}` at an offset of the logical line. */
function variableAt(
  text: DockerfileText,
  entry: Entry,
  at: number,
): { start: number; end: number; value: VisibleVariable } | null {
  for (const match of entry.line.text.matchAll(/\$(?:(\w+)|\{(\w+)[^}]*\})/g)) {
    const end = match.index + match[0].length;
    if (match.index > at || at >= end) continue;
    const name = match[1] ?? match[2] ?? "";
    const value = visibleVariables(text, entry).find((one) => one.name === name);
    return value === undefined ? null : { start: match.index, end, value };
  }
  return null;
}
