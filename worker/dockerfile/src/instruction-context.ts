import type { DiagnosticCode, Diagnostics } from "./diagnostics.ts";
import type { FlagValues } from "./flags.ts";
import type { Keyword } from "./keywords.ts";
import type { LogicalLine } from "./lines.ts";
import type { SourceRange } from "./source.ts";
import { type JsonForm, parseJsonForm } from "./words.ts";

/** One logical line, split into keyword, flags and the rest: what every reader of an instruction is given. */
export class InstructionContext {
  readonly keyword: Keyword;
  readonly line: LogicalLine;
  readonly flags: FlagValues;
  readonly escape: string;
  readonly diagnostics: Diagnostics;
  /** What follows the flags, without white space at its ends. */
  readonly rest: string;
  /** The part that every instruction has. */
  readonly written: {
    readonly range: SourceRange;
    readonly text: string;
    readonly comments: readonly string[];
  };
  readonly #restOffset: number;

  constructor(
    keyword: Keyword,
    line: LogicalLine,
    flags: FlagValues,
    restOffset: number,
    escape: string,
    diagnostics: Diagnostics,
  ) {
    this.keyword = keyword;
    this.line = line;
    this.flags = flags;
    this.escape = escape;
    this.diagnostics = diagnostics;
    this.rest = line.text.slice(restOffset);
    this.written = { range: line.range, text: line.text, comments: line.comments };
    this.#restOffset = restOffset;
  }

  fail(code: DiagnosticCode, message: string, range = this.line.range): null {
    this.diagnostics.error(code, range, message);
    return null;
  }

  /** Fails at a part of `rest`. */
  failAt(code: DiagnosticCode, start: number, end: number, message: string): null {
    return this.fail(code, message, this.line.map.range(this.#restOffset + start, this.#restOffset + end));
  }

  /** The JSON form of the arguments; null with a diagnostic where the list holds more than strings. */
  json(text = this.rest): Exclude<JsonForm, { form: "not-strings" }> | null {
    const json = parseJsonForm(text);
    if (json.form !== "not-strings") return json;
    return this.fail("argument-invalid", `The JSON form of ${this.keyword} may hold strings only.`);
  }
}
