import type { DiagnosticCode, Diagnostics } from "./diagnostics.ts";
import type { Flag } from "./flags.ts";
import { openingOf } from "./here-documents.ts";
import type { Command, CopyInstruction, Instruction, Pair } from "./instructions.ts";
import { type Keyword, suggest } from "./keywords.ts";
import type { LogicalLine } from "./lines.ts";
import { parseJsonForm, splitWords } from "./words.ts";

/** One logical line, split into keyword, flags and the rest. */
export interface SplitLine {
  readonly keyword: Keyword;
  readonly line: LogicalLine;
  readonly flags: readonly Flag[];
  /** Offset of the first character after the flags. */
  readonly rest: number;
  readonly escape: string;
  readonly diagnostics: Diagnostics;
}

/** Flags that BuildKit knows; true for those that Slipway builds. */
const FLAGS: Partial<Record<Keyword, Record<string, boolean>>> = {
  FROM: { platform: true },
  RUN: { mount: false, network: false, security: false, device: false },
  COPY: { from: true, chown: true, chmod: true, link: false, parents: false, exclude: false },
  ADD: {
    chown: true,
    chmod: true,
    link: false,
    exclude: false,
    checksum: false,
    "keep-git-dir": false,
    unpack: false,
  },
};

const STAGE_NAME = /^[a-z][a-z0-9-_.]*$/;

/** The instruction of a line, or null with diagnostics when it can't be read. */
export function readInstruction(split: SplitLine): Instruction | null {
  const reader = new InstructionReader(split);
  return reader.checkFlags() ? reader.read() : null;
}

class InstructionReader {
  readonly #split: SplitLine;
  readonly #rest: string;
  readonly #written: { range: SplitLine["line"]["range"]; text: string };

  constructor(split: SplitLine) {
    this.#split = split;
    this.#rest = split.line.text.slice(split.rest).trim();
    this.#written = { range: split.line.range, text: split.line.text };
  }

  checkFlags(): boolean {
    const { keyword, line, flags, diagnostics } = this.#split;
    const known = FLAGS[keyword] ?? {};
    const seen = new Set<string>();
    let good = true;
    const wrong = (
      code: DiagnosticCode,
      flag: Flag,
      message: string,
      suggestion: string | null = null,
    ): void => {
      diagnostics.error(code, line.map.range(flag.start, flag.end), message, suggestion);
      good = false;
    };
    for (const flag of flags) {
      if (!Object.hasOwn(known, flag.name)) {
        const near = suggest(flag.name, Object.keys(known));
        const hint = near === null ? "" : ` Did you mean --${near}?`;
        wrong("flag-unknown", flag, `${keyword} has no flag --${flag.name.slice(0, 64)}.${hint}`, near);
      } else if (!known[flag.name]) {
        wrong("flag-unsupported", flag, `${keyword} --${flag.name} is not supported here yet.`);
      } else if (!flag.value) wrong("flag-invalid", flag, `${keyword} --${flag.name} needs a value.`);
      else if (seen.has(flag.name)) wrong("flag-invalid", flag, `${keyword} --${flag.name} is given twice.`);
      seen.add(flag.name);
    }
    return good;
  }

  read(): Instruction | null {
    const { keyword } = this.#split;
    if (this.#rest === "") return this.#fail("argument-missing", `${keyword} needs an argument.`);
    switch (keyword) {
      case "FROM":
        return this.#from();
      case "RUN":
      case "CMD":
      case "ENTRYPOINT":
        return this.#command(keyword);
      case "LABEL":
      case "ENV":
        return this.#pairs(keyword);
      case "EXPOSE":
        return { ...this.#written, kind: "expose", ports: splitWords(this.#rest, this.#split.escape) };
      case "COPY":
      case "ADD":
        return this.#copy(keyword);
      case "USER":
        return { ...this.#written, kind: "user", user: this.#rest };
      case "WORKDIR":
        return { ...this.#written, kind: "workdir", path: this.#rest };
      case "VOLUME":
        return this.#volume();
      case "ARG":
        return this.#arg();
      case "SHELL":
        return this.#shell();
      case "MAINTAINER":
      case "ONBUILD":
      case "STOPSIGNAL":
      case "HEALTHCHECK":
        return null;
    }
  }

  #fail(code: DiagnosticCode, message: string): null {
    this.#split.diagnostics.error(code, this.#split.line.range, message);
    return null;
  }

  #flag(name: string): string | null {
    return this.#split.flags.find((flag) => flag.name === name)?.value ?? null;
  }

  #from(): Instruction | null {
    const [image, as, name, ...more] = this.#rest.split(/\s+/);
    if (image === undefined) return this.#fail("argument-missing", "FROM needs an image.");
    if (as === undefined) return this.#stage(image, null);
    if (as.toLowerCase() !== "as" || name === undefined || more.length > 0) {
      return this.#fail("argument-invalid", "FROM has the form FROM <image> or FROM <image> AS <name>.");
    }
    const stageName = name.toLowerCase();
    if (!STAGE_NAME.test(stageName) || stageName === "scratch" || stageName === "context") {
      return this.#fail(
        "stage-name-invalid",
        `"${name}" can't be the name of a stage: a letter, then a-z 0-9 - _ .`,
      );
    }
    return this.#stage(image, stageName);
  }

  #stage(image: string, stageName: string | null): Instruction {
    return { ...this.#written, kind: "from", image, stageName, platform: this.#flag("platform") };
  }

  #command(keyword: "RUN" | "CMD" | "ENTRYPOINT"): Instruction | null {
    const json = parseJsonForm(this.#rest);
    if (json.form === "not-strings") {
      return this.#fail("argument-invalid", `The JSON form of ${keyword} may hold strings only.`);
    }
    const command: Command =
      json.form === "json"
        ? { form: "exec", args: json.items }
        : { form: "shell", script: this.#rest, hereDocuments: this.#split.line.hereDocuments };
    if (keyword === "CMD") return { ...this.#written, kind: "cmd", command };
    if (keyword === "ENTRYPOINT") return { ...this.#written, kind: "entrypoint", command };
    if (command.form === "exec" && command.args.length === 0) {
      return this.#fail("argument-missing", "RUN needs a command.");
    }
    return {
      ...this.#written,
      kind: "run",
      command,
      mounts: [],
      network: "default",
      security: "sandbox",
    };
  }

  #pairs(keyword: "LABEL" | "ENV"): Instruction | null {
    const words = splitWords(this.#rest, this.#split.escape);
    const pairs: Pair[] = [];
    if (!words[0]?.includes("=")) {
      // The old form: one name, and the whole rest of the line is its value.
      const match = /^(\S+)\s+([\s\S]+)$/.exec(this.#rest);
      if (!match?.[1] || match[2] === undefined) {
        return this.#fail("argument-missing", `${keyword} has the form ${keyword} name=value.`);
      }
      pairs.push({ key: match[1], value: match[2] });
    } else {
      for (const word of words) {
        const equals = word.indexOf("=");
        if (equals < 1) {
          return this.#fail(
            "argument-invalid",
            `"${word.slice(0, 64)}" is not name=value. Quote a value with spaces.`,
          );
        }
        pairs.push({ key: word.slice(0, equals), value: word.slice(equals + 1) });
      }
    }
    return { ...this.#written, kind: keyword === "ENV" ? "env" : "label", pairs };
  }

  /** JSON list, or words between white space (quotes have no meaning there). */
  #list(): readonly string[] | null {
    const json = parseJsonForm(this.#rest);
    if (json.form === "not-strings") {
      return this.#fail("argument-invalid", `The JSON form of ${this.#split.keyword} may hold strings only.`);
    }
    return json.form === "json" ? json.items : this.#rest.split(/\s+/);
  }

  #copy(keyword: "COPY" | "ADD"): CopyInstruction | null {
    const list = this.#list();
    if (list === null) return null;
    const destination = list.at(-1);
    if (list.length < 2 || !destination) {
      return this.#fail("argument-missing", `${keyword} needs at least one source and a destination.`);
    }
    const chmod = this.#flag("chmod");
    if (chmod !== null && !/^[0-7]{3,4}$/.test(chmod)) {
      return this.#fail("flag-invalid", `${keyword} --chmod takes an octal mode such as 755.`);
    }
    const documents = new Map(this.#split.line.hereDocuments.map((one) => [one.name, one]));
    const words = list.slice(0, -1).map((word) => {
      const opened = openingOf(word, this.#split.escape);
      return { word, inline: opened ? (documents.get(opened.name) ?? null) : null };
    });
    return {
      ...this.#written,
      kind: keyword === "COPY" ? "copy" : "add",
      from: this.#flag("from"),
      chown: this.#flag("chown"),
      chmod,
      link: false,
      parents: false,
      exclude: [],
      checksum: null,
      keepGitDir: false,
      unpack: null,
      sources: words.flatMap(({ word, inline }) => (inline ? [] : [word])),
      inline: words.flatMap(({ inline }) => (inline ? [inline] : [])),
      destination,
    };
  }

  #volume(): Instruction | null {
    const paths = this.#list();
    if (paths === null) return null;
    if (paths.length === 0 || paths.includes("")) {
      return this.#fail("argument-missing", "VOLUME needs paths that are not empty.");
    }
    return { ...this.#written, kind: "volume", paths };
  }

  #arg(): Instruction | null {
    const args = splitWords(this.#rest, this.#split.escape).map((word) => {
      const equals = word.indexOf("=");
      return equals < 0
        ? { name: word, value: null }
        : { name: word.slice(0, equals), value: word.slice(equals + 1) };
    });
    if (args.some(({ name }) => name === "")) {
      return this.#fail("argument-invalid", "ARG has the form ARG name or ARG name=value.");
    }
    return { ...this.#written, kind: "arg", args };
  }

  #shell(): Instruction | null {
    const json = parseJsonForm(this.#rest);
    if (json.form !== "json" || json.items.length === 0) {
      return this.#fail("argument-invalid", 'SHELL takes the JSON form: SHELL ["/bin/bash", "-c"].');
    }
    return { ...this.#written, kind: "shell", shell: json.items };
  }
}
