import type { Terminal } from "../terminal/terminal.ts";

/** Longest wait for what a line gives; only a hang meets it. */
const WAIT_MS = 60_000;

/** A terminal that is read from its first byte on, and typed into as a person does: the next line after the answer to the last. */
export class TypedTerminal {
  readonly #terminal: Terminal;
  #text = "";
  #changed: () => void = () => {};

  private constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  static async open(terminal: Terminal | null): Promise<TypedTerminal> {
    if (!terminal) throw new Error("no such terminal");
    const typed = new TypedTerminal(terminal);
    await terminal.attach(null, {
      output: (_sequence, data) => {
        typed.#text += Buffer.from(data).toString();
        typed.#changed();
      },
      resized: () => {},
      exited: () => {},
      dropped: () => {},
    });
    return typed;
  }

  /** Types a line, and gives what comes after its echo once all of `expected` matches that. */
  async type(line: string, ...expected: readonly RegExp[]): Promise<string> {
    const start = this.#text.length;
    const deadline = Date.now() + WAIT_MS;
    this.#terminal.write(Buffer.from(`${line}\n`));
    for (;;) {
      const said = plain(this.#text.slice(start));
      const answer = said.includes("\n") ? said.slice(said.indexOf("\n")) : "";
      if (expected.every((one) => one.test(answer))) return answer;
      if (Date.now() > deadline)
        throw new Error(`${line}: ${JSON.stringify(answer)} does not match ${expected.join(" and ")}`);
      await this.#news();
    }
  }

  async #news(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, 1000);
      this.#changed = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

const ESCAPE = String.fromCharCode(27);
/** Carriage returns, colours and questions to the screen (ECMA-48, control sequences). */
const CONTROLS = new RegExp(`\\r|${ESCAPE}\\[[0-9;?]*[A-Za-z]`, "g");
const plain = (text: string): string => text.replace(CONTROLS, "");
