/** Levels of pino's lines that people see on the screen. */
const WARN_LEVEL = 40;
const ERROR_LEVEL = 50;
/** At most so many lines of one process in a window; the rest is in its log. */
const MOST_LINES = 20;
const WINDOW_MS = 10_000;
const LINE_CHARACTERS = 400;

/**
 * What a line of a process says to us. Processes write pino's JSON; these members have a meaning here:
 * `ready` (it is), `progress` (what it does just now), `refusal` (why it can't go on: one sentence).
 * @typedef {object} Said
 * @property {boolean} ready
 * @property {string | null} progress
 * @property {string | null} refusal
 * @property {{ level: "warn" | "error", text: string } | null} trouble
 */

/**
 * @param {string} line
 * @param {"stdout" | "stderr"} stream
 * @returns {Said}
 */
export function parseLine(line, stream) {
  /** @type {Said} */
  const nothing = { ready: false, progress: null, refusal: null, trouble: null };
  const entry = parseJson(line);
  if (entry === null) {
    const text = line.trim();
    return stream === "stderr" && text ? { ...nothing, trouble: { level: "error", text } } : nothing;
  }
  const level = Number(entry.level ?? 0);
  const text = typeof entry.msg === "string" ? entry.msg : "";
  return {
    ready: entry.ready === true,
    progress: typeof entry.progress === "string" ? entry.progress : null,
    refusal: typeof entry.refusal === "string" ? entry.refusal : null,
    trouble: level >= WARN_LEVEL && text ? { level: level >= ERROR_LEVEL ? "error" : "warn", text } : null,
  };
}

/**
 * PostgreSQL's own lines: only those after which it does not go on matter on the screen.
 * @param {string} line
 * @returns {Said}
 */
export function parsePostgresLine(line) {
  const match = /\b(FATAL|PANIC):\s+(.*)$/.exec(line);
  // Answers to clients that came while it starts or stops.
  const expected = /the database system is|terminating connection/.test(line);
  const trouble = match && !expected ? { level: /** @type {const} */ ("error"), text: match[2] ?? "" } : null;
  return { ready: false, progress: null, refusal: null, trouble };
}

/** @param {string} line @returns {Record<string, unknown> | null} */
function parseJson(line) {
  if (!line.startsWith("{")) return null;
  try {
    return JSON.parse(line);
  } catch {
    return null;
  }
}

/** Shows what matters of a process's lines, and never floods the screen. */
export class Screen {
  #name;
  #progress;
  #shown = 0;
  #since = 0;

  /** @param {string} name @param {import("./progress.mjs").Progress} progress */
  constructor(name, progress) {
    this.#name = name;
    this.#progress = progress;
  }

  /** @param {{ level: "warn" | "error", text: string }} trouble */
  show({ level, text }) {
    const now = Date.now();
    if (now - this.#since > WINDOW_MS) [this.#since, this.#shown] = [now, 0];
    if (++this.#shown > MOST_LINES) return;
    const colour = level === "error" ? "red" : "yellow";
    // Control characters may come from a container, by way of an error's text.
    const clean = text.replaceAll(/\p{Cc}/gu, " ").slice(0, LINE_CHARACTERS);
    const more = this.#shown === MOST_LINES ? " (more in its log)" : "";
    this.#progress.say(`${this.#progress.paint(colour, `${this.#name}:`)} ${clean}${more}`);
  }
}
