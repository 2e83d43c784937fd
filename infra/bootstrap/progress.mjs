/** On a stream that is no terminal: how long a phase runs before a line says that it does. */
const QUIET_MS = 2_000;
/** On a stream that is no terminal: at most one line of detail per phase in this time. */
const DETAIL_EVERY_MS = 10_000;
const FRAME_MS = 120;
const FRAMES = ["⠋", "⠙", "⠹", "⠸", "⠼", "⠴", "⠦", "⠧", "⠇", "⠏"];
const NAME_WIDTH = 22;

/**
 * @typedef {object} Reporter what a phase's work is handed to say how far it is
 * @property {(detail: string) => void} detail what it does just now
 * @property {(note: string) => void} note what the finished phase's line says
 */

/**
 * Prints the phases of a long piece of work: a live line on a terminal, calm lines anywhere else. Phases may overlap.
 */
export class Progress {
  #stream;
  #live;
  /** @type {Map<string, { startedMs: number, detail: string, saidMs: number }>} */
  #active = new Map();
  /** @type {NodeJS.Timeout | undefined} */
  #timer;
  #frame = 0;

  /** @param {NodeJS.WriteStream} stream */
  constructor(stream) {
    this.#stream = stream;
    this.#live = stream.isTTY === true && process.env.TERM !== "dumb";
  }

  /** @param {"dim" | "green" | "yellow" | "red" | "bold"} style @param {string} text */
  paint(style, text) {
    if (!this.#stream.isTTY || process.env.NO_COLOR) return text;
    const code = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33 }[style];
    return `\u001b[${code}m${text}\u001b[0m`;
  }

  /** @param {string} line */
  say(line) {
    this.#stream.write(`${this.#live ? "\r\u001b[K" : ""}${line}\n`);
    this.#draw();
  }

  /**
   * Runs the work under a name; its line says how long it took.
   * @template T
   * @param {string} name
   * @param {(reporter: Reporter) => Promise<T> | T} work
   * @returns {Promise<T>}
   */
  async phase(name, work) {
    const startedMs = performance.now();
    const state = { startedMs, detail: "", saidMs: startedMs + QUIET_MS - DETAIL_EVERY_MS };
    let note = "";
    this.#active.set(name, state);
    this.#timer ??= setInterval(() => this.#tick(), FRAME_MS).unref();
    try {
      const result = await work({
        detail: (text) => {
          state.detail = text;
        },
        note: (text) => {
          note = text;
        },
      });
      this.#finish(
        name,
        `${this.paint("green", "✓")} ${name.padEnd(NAME_WIDTH)} ${seconds(startedMs)}  ${this.paint("dim", note)}`,
      );
      return result;
    } catch (error) {
      this.#finish(name, `${this.paint("red", "✗")} ${name.padEnd(NAME_WIDTH)} ${seconds(startedMs)}`);
      throw error;
    }
  }

  /** @param {string} name @param {string} line */
  #finish(name, line) {
    this.#active.delete(name);
    if (this.#active.size === 0) {
      clearInterval(this.#timer);
      this.#timer = undefined;
    }
    this.say(line.trimEnd());
  }

  #tick() {
    this.#frame = (this.#frame + 1) % FRAMES.length;
    if (this.#live) return this.#draw();
    const now = performance.now();
    for (const [name, state] of this.#active) {
      if (now - state.saidMs < DETAIL_EVERY_MS) continue;
      state.saidMs = now;
      this.#stream.write(
        `… ${name.padEnd(NAME_WIDTH)} ${seconds(state.startedMs)}  ${state.detail}`.trimEnd().concat("\n"),
      );
    }
  }

  #draw() {
    if (!this.#live || this.#active.size === 0) return;
    const parts = [...this.#active].map(([name, state]) =>
      `${name} ${seconds(state.startedMs).trim()} ${state.detail}`.trimEnd(),
    );
    const line = `${FRAMES[this.#frame]} ${parts.join(" · ")}`;
    this.#stream.write(`\r\u001b[K${line.slice(0, (this.#stream.columns || 80) - 1)}`);
  }
}

/** @param {number} sinceMs of performance.now() */
function seconds(sinceMs) {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1).padStart(6)} s`;
}
