import type { Attachment, Terminal } from "../../terminal/terminal.ts";

/** Longest wait for a word on a screen. */
const WAIT_MS = 20_000;
/** Characters of a screen that are kept at least; older ones go when there are twice as many, since each cut copies. */
const KEPT_CHARACTERS = 256 * 1024;

/** A viewer of one terminal that draws everything at once and remembers the newest of it. */
export class Screen {
  #text = "";
  #received = 0;
  #waiting: (() => void) | null = null;
  readonly #terminal: Terminal;
  #attachment: Attachment | null = null;

  private constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  static async of(terminal: Terminal | null): Promise<Screen> {
    if (!terminal) throw new Error("no such terminal");
    const screen = new Screen(terminal);
    const attachment = await terminal.attach(null, {
      output: (sequence, data) => {
        screen.#draw(Buffer.from(data));
        setImmediate(() => attachment.acknowledge(sequence + data.byteLength));
      },
      resized: () => {},
      exited: () => {},
      dropped: () => {},
    });
    screen.#attachment = attachment;
    return screen;
  }

  /** Stops to look. */
  leave(): void {
    this.#attachment?.detach();
  }

  get text(): string {
    return this.#text;
  }

  /** Bytes that came so far. */
  get received(): number {
    return this.#received;
  }

  type(line: string): void {
    this.#terminal.write(Buffer.from(`${line}\n`));
  }

  /** Waits for `expected` in what has come since the last such wait, and returns that. */
  async until(expected: RegExp): Promise<string> {
    const deadline = Date.now() + WAIT_MS;
    for (;;) {
      const found = expected.exec(this.#text);
      if (found) {
        const seen = this.#text.slice(0, found.index + found[0].length);
        this.#text = this.#text.slice(seen.length);
        return seen;
      }
      if (Date.now() > deadline)
        throw new Error(`not on the screen: ${JSON.stringify(this.#text.slice(-2000))}`);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, deadline - Date.now() + 1);
        this.#waiting = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }

  #draw(data: Buffer): void {
    this.#received += data.length;
    this.#text += data.toString("latin1");
    if (this.#text.length > 2 * KEPT_CHARACTERS) this.#text = this.#text.slice(-KEPT_CHARACTERS);
    this.#waiting?.();
    this.#waiting = null;
  }
}
