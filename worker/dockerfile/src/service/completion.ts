import { flagsOf } from "../flags.ts";
import { isKeyword, KEYWORDS, type Keyword } from "../keywords.ts";
import { LINT_RULES } from "../lint/rules.ts";
import type { MountType } from "../mount.ts";
import type { Entry } from "../parser.ts";
import {
  type CompletionKind,
  type CompletionSources,
  FLAG_VALUES,
  MOUNT_FIELDS,
  MOUNT_VALUES,
  SIGNALS,
  takesValue,
} from "./completion-sources.ts";
import { cursorAt } from "./cursor.ts";
import type { DockerfileText } from "./dockerfile-text.ts";
import { DIRECTIVE_NAMES, type Topic } from "./topics.ts";
import { visibleVariables } from "./variables.ts";

export interface CompletionItem {
  readonly label: string;
  readonly kind: CompletionKind;
  /** What is inserted, where that is not the label. */
  readonly insert?: string;
  /** A few words beside the label: a variable's value, a stage's image. */
  readonly detail?: string;
  readonly topic?: Topic;
}

export interface Completion {
  /** Offset where the word begins that an item stands for; it ends at the cursor. */
  readonly from: number;
  readonly items: readonly CompletionItem[];
}

/** What may be written at the offset, best first; null where nothing is known. */
export function complete(
  text: DockerfileText,
  offset: number,
  sources: CompletionSources,
): Completion | null {
  const cursor = cursorAt(text, offset);
  switch (cursor.kind) {
    case "start":
      return at(offset, cursor.word, instructions());
    case "comment":
      return directives(text, offset, cursor);
    case "here-document":
      return cursor.expand ? variables(text, offset, cursor.entry, cursor.before) : null;
    case "arguments":
      return new ArgumentCompletion(text, offset, cursor.entry, sources).complete(cursor.before);
  }
}

function at(offset: number, word: string, items: readonly CompletionItem[]): Completion | null {
  return items.length === 0 ? null : { from: offset - word.length, items };
}

const instructions = (): CompletionItem[] =>
  KEYWORDS.filter((keyword) => keyword !== "MAINTAINER").map((keyword) => ({
    label: keyword,
    kind: "instruction",
    insert: `${keyword} `,
    topic: `instruction:${keyword}`,
  }));

/** `# syntax=`, `# escape=`, `# check=`, and the rules that a check may skip. */
function directives(
  text: DockerfileText,
  offset: number,
  { text: comment, line }: { text: string; line: number },
): Completion | null {
  const rules = /^#\s*check\s*=\s*(?:skip|experimental)\s*=(?:[^,;]*,)*([A-Za-z]*)$/i.exec(comment);
  if (rules) {
    const names = ["all", ...Object.keys(LINT_RULES)];
    return at(
      offset,
      rules[1] ?? "",
      names.map((label) => ({ label, kind: "rule" })),
    );
  }
  if (line > text.dockerfile.directives.lines + 1) return null;
  const name = /^#\s*([a-z]*)$/i.exec(comment);
  if (name) {
    const inserts = { syntax: "syntax=docker/dockerfile:1", escape: "escape=`", check: "check=skip=" };
    return at(
      offset,
      name[1] ?? "",
      DIRECTIVE_NAMES.map((label) => ({
        label,
        kind: "directive",
        insert: inserts[label],
        topic: `directive:${label}`,
      })),
    );
  }
  const check = /^#\s*check\s*=\s*([a-z]*)$/i.exec(comment);
  if (!check) return null;
  const options = ["skip=", "error=true", "experimental="];
  return at(
    offset,
    check[1] ?? "",
    options.map((label) => ({ label, kind: "value" })),
  );
}

/** `$NAME` and `${NAME`; null where the cursor stands in neither. */
function variables(text: DockerfileText, offset: number, entry: Entry, before: string): Completion | null {
  const match = /(?:^|[^\\])\$(\{?)(\w*)$/.exec(before);
  if (!match) return null;
  const braced = match[1] === "{";
  const items = visibleVariables(text, entry).map(({ name, value }) => ({
    label: name,
    kind: "variable" as const,
    ...(braced && { insert: `${name}}` }),
    ...(value !== null && { detail: value }),
  }));
  return at(offset, match[2] ?? "", items);
}

/** Values of a kind; what ends with `=` or `:` asks for more. */
const values = (labels: readonly string[]): CompletionItem[] =>
  labels.map((label) => ({ label, kind: "value" }));

/** What may follow a keyword. */
class ArgumentCompletion {
  readonly #text: DockerfileText;
  readonly #offset: number;
  readonly #entry: Entry;
  readonly #sources: CompletionSources;

  constructor(text: DockerfileText, offset: number, entry: Entry, sources: CompletionSources) {
    this.#text = text;
    this.#offset = offset;
    this.#entry = entry;
    this.#sources = sources;
  }

  complete(before: string): Completion | null {
    const [, keywordWritten = "", args = ""] = /^([^\t-\r ]+)[\t-\r ]+([\s\S]*)$/.exec(before) ?? [];
    const keyword = keywordWritten.toUpperCase();
    if (!isKeyword(keyword)) return null;
    if (keyword === "ONBUILD") return this.#onbuild(args);
    const word = /[^\t-\r ]*$/.exec(args)?.[0] ?? "";
    const inFlags = /^(?:--\S*[\t-\r ]+)*(?:-\S*)?$/.test(args);
    if (inFlags && word.startsWith("-")) return this.#flag(keyword, word, args);
    const found = variables(this.#text, this.#offset, this.#entry, before);
    if (found) return found;
    return this.#argument(keyword, word, inFlags, args);
  }

  #onbuild(args: string): Completion | null {
    if (/[\t-\r ]/.test(args)) return this.complete(args);
    const inner = instructions().filter(({ label }) => !/^(?:FROM|ONBUILD)$/.test(label));
    return at(this.#offset, args, inner);
  }

  #flag(keyword: Keyword, word: string, args: string): Completion | null {
    const [, name, value] = /^--([^=]*)=(.*)$/.exec(word) ?? [];
    if (name === undefined || value === undefined) return this.#flagNames(keyword, word, args);
    if (keyword === "RUN" && name === "mount") return this.#mount(value);
    const found = /\$\{?\w*$/.test(value) ? variables(this.#text, this.#offset, this.#entry, word) : null;
    if (found) return found;
    if (keyword === "COPY" && name === "from") {
      return at(this.#offset, value, this.#stagesOr(value));
    }
    return at(this.#offset, value, values(FLAG_VALUES[`${keyword}.${name}`] ?? []));
  }

  #flagNames(keyword: Keyword, word: string, args: string): Completion | null {
    const given = new Set([...args.matchAll(/--([a-z-]+)/g)].map((match) => match[1]));
    const items = Object.entries(flagsOf(keyword))
      .filter(([name, type]) => type === "strings" || !given.has(name) || word === `--${name}`)
      .map(
        ([name, type]): CompletionItem => ({
          label: `--${name}`,
          kind: "flag",
          insert: takesValue(type) ? `--${name}=` : `--${name} `,
          topic: `flag:${keyword}.${name}` as Topic,
        }),
      );
    return at(this.#offset, word, items);
  }

  /** Within `--mount=…`: fields, and the values of some. */
  #mount(value: string): Completion | null {
    const field = value.slice(value.lastIndexOf(",") + 1);
    const [, key, written] = /^([a-z]+)=(.*)$/.exec(field) ?? [];
    if (key === "from") return at(this.#offset, written ?? "", this.#stagesOr(written ?? ""));
    if (key !== undefined && written !== undefined) {
      const items = (MOUNT_VALUES[key] ?? []).map(
        (label): CompletionItem => ({
          label,
          kind: "value",
          ...(key === "type" && { topic: `mount:${label as MountType}` }),
        }),
      );
      return at(this.#offset, written, items);
    }
    const type = /(?:^|,)type=([a-z]+)/.exec(value)?.[1];
    const given = new Set(value.split(",").map((one) => one.split("=")[0]));
    const fields = [...(type === undefined ? ["type="] : []), ...(MOUNT_FIELDS[type ?? "bind"] ?? [])];
    return at(this.#offset, field, values(fields.filter((one) => !given.has(one.replace("=", "")))));
  }

  #argument(keyword: Keyword, word: string, inFlags: boolean, args: string): Completion | null {
    switch (keyword) {
      case "FROM":
        return this.#from(word, args);
      case "COPY":
      case "ADD":
        return at(this.#offset, word, [...this.#flagsIf(keyword, inFlags, word), ...this.#paths(word)]);
      case "RUN":
        return at(this.#offset, word, this.#flagsIf(keyword, inFlags, word));
      case "HEALTHCHECK": {
        const starts = [{ label: "CMD", kind: "value" as const, insert: "CMD " }, ...values(["NONE"])];
        return inFlags ? at(this.#offset, word, [...starts, ...this.#flagsIf(keyword, true, word)]) : null;
      }
      case "STOPSIGNAL":
        return at(this.#offset, word, values(SIGNALS));
      case "SHELL":
        return args === "" ? at(this.#offset, "", values(['["/bin/bash", "-o", "pipefail", "-c"]'])) : null;
      default:
        return null;
    }
  }

  /** The flags, where none of the word is written yet. */
  #flagsIf(keyword: Keyword, inFlags: boolean, word: string): readonly CompletionItem[] {
    return inFlags && word === "" ? (this.#flagNames(keyword, "", "")?.items ?? []) : [];
  }

  #from(word: string, args: string): Completion | null {
    const words = args.replace(/^(?:--\S*[\t-\r ]+)*/, "").split(/[\t-\r ]+/);
    if (words.length === 1) {
      const colon = word.lastIndexOf(":");
      if (colon > word.lastIndexOf("/")) return this.#tags(word.slice(0, colon), word.slice(colon + 1));
      const scratch: CompletionItem = { label: "scratch", kind: "image", topic: "idiom:scratch" };
      return at(this.#offset, word, [...this.#stages(), ...this.#images(), scratch]);
    }
    if (words.length === 2) {
      return at(this.#offset, word, [
        { label: "AS", kind: "value", insert: "AS ", topic: "idiom:stage-name" },
      ]);
    }
    return null;
  }

  #tags(name: string, word: string): Completion | null {
    const image = this.#sources.images.find((one) => one.name === name);
    return at(
      this.#offset,
      word,
      (image?.tags ?? []).map((label) => ({ label, kind: "tag" })),
    );
  }

  #images(): CompletionItem[] {
    return this.#sources.images.map(({ name, tags }) => ({
      label: name,
      kind: "image",
      detail: tags.slice(0, 3).join(", "),
    }));
  }

  /** Stages, and images where the word names one with a tag. */
  #stagesOr(word: string): readonly CompletionItem[] {
    if (word.includes(":")) return [];
    return [...this.#stages(), ...this.#images()];
  }

  /** Stages that come before this instruction's own, the nearest first. FROM takes names only: a number there is an image. */
  #stages(): CompletionItem[] {
    const { range, text } = this.#entry.line;
    const isFrom = /^from\b/i.test(text);
    const before = this.#text.stages().filter(({ entry }) => entry.line.range.startLine < range.startLine);
    return before
      .slice(0, isFrom ? before.length : -1)
      .map(({ name, image }, index): CompletionItem => {
        return { label: name ?? String(index), kind: "stage", detail: image };
      })
      .filter(({ label }) => !(isFrom && /^\d+$/.test(label)))
      .toReversed();
  }

  /** Files and folders of the context, one level at a time. */
  #paths(word: string): CompletionItem[] {
    const written = word.startsWith("./") ? word.slice(2) : word;
    const folder = written.slice(0, written.lastIndexOf("/") + 1);
    const found = new Set<string>();
    for (const file of this.#sources.files) {
      if (!file.startsWith(folder)) continue;
      const rest = file.slice(folder.length);
      const slash = rest.indexOf("/");
      found.add(slash < 0 ? rest : rest.slice(0, slash + 1));
      if (found.size === MAX_PATHS) break;
    }
    const prefix = word.slice(0, word.length - written.length) + folder;
    return [...found].map((name) => ({ label: prefix + name, kind: "path" }));
  }
}

/** Paths of one folder that are offered. */
const MAX_PATHS = 500;
