import { EngineError } from "../engine-error.ts";

/** Ctrl-P, Ctrl-Q: what Docker takes where nothing else is said. */
const USUAL = Buffer.from([16, 17]);
/** Keys of one sequence. */
const MOST_KEYS = 32;
const CONTROL = "@abcdefghijklmnopqrstuvwxyz[\\]^_";

/** `ctrl-p,ctrl-q`, `a` or `DEL` as the bytes that a terminal sends. @throws EngineError 400 */
export function parseDetachKeys(text: string): Buffer {
  if (text === "") return USUAL;
  const names = text.split(",");
  if (names.length > MOST_KEYS) throw invalid(text, `more than ${MOST_KEYS} keys`);
  return Buffer.from(names.map((name) => codeOf(name, text)));
}

function codeOf(name: string, text: string): number {
  const [, letter = ""] = /^ctrl-(.)$/.exec(name) ?? [];
  const control = letter === "" ? -1 : CONTROL.indexOf(letter);
  if (control >= 0) return control;
  if (name === "DEL") return 127;
  const code = name.length === 1 ? name.charCodeAt(0) : 128;
  if (code < 128) return code;
  throw invalid(text, `Unknown character: '${name.slice(0, 32)}'`);
}

const invalid = (text: string, why: string): EngineError =>
  new EngineError(400, `Invalid detach keys (${text.slice(0, 128)}) provided: ${why}`);

/** Looks for the sequence by which a person leaves a terminal, however its keys are cut into pieces. */
export class DetachKeys {
  readonly #keys: Buffer;
  /** Keys of the sequence that have come by now, and are held back. */
  #matched = 0;

  constructor(keys: Buffer) {
    this.#keys = keys;
  }

  /** What of this input is for the process, and whether the sequence is complete. */
  take(data: Buffer): { readonly input: Buffer; readonly isLeaving: boolean } {
    const keys = this.#keys;
    if (this.#matched === 0 && !data.includes(keys[0] ?? 0)) return { input: data, isLeaving: false };
    const input = Buffer.alloc(this.#matched + data.byteLength);
    let length = 0;
    for (const byte of data) {
      if (byte !== keys[this.#matched]) {
        length += keys.copy(input, length, 0, this.#matched);
        this.#matched = 0;
      }
      if (byte === keys[this.#matched]) this.#matched += 1;
      else input[length++] = byte;
      if (this.#matched === keys.byteLength) return { input: input.subarray(0, length), isLeaving: true };
    }
    return { input: input.subarray(0, length), isLeaving: false };
  }
}
