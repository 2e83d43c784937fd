import { type FileHandle, open, readFile, rm } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";

const stateSchema = z.object({
  startedAt: z.number().int().positive(),
  active: z.boolean(),
  /** Number of the next byte of the terminal's output. */
  next: z.number().int().nonnegative(),
  /** Bytes of the file that count; what is behind them was being written when the process was killed. */
  bytes: z.number().int().nonnegative(),
  /** Time of the last event, milliseconds since the epoch. */
  lastAt: z.number().int().positive(),
});
/** How far a recording is: what the file holds, and where in the output it stands. */
export type CastState = z.infer<typeof stateSchema>;

/** The state is one write of so many bytes in place, so that a kill leaves the old one or the new one. */
const STATE_BYTES = 256;

/** A recording on disk: the asciicast and beside it how far that is. A kill loses nothing and writes nothing twice. */
export class CastFile {
  readonly #cast: FileHandle;
  readonly #stateFile: FileHandle;
  #state: CastState;

  private constructor(cast: FileHandle, stateFile: FileHandle, state: CastState) {
    this.#cast = cast;
    this.#stateFile = stateFile;
    this.#state = state;
  }

  static castPath = (directory: string): string => path.join(directory, "recording.cast");
  static #statePath = (directory: string): string => path.join(directory, "recording.state");

  /** A new recording in place of an earlier one. */
  static async create(directory: string, state: CastState): Promise<CastFile> {
    await rm(CastFile.#statePath(directory), { force: true });
    await rm(CastFile.castPath(directory), { force: true });
    const cast = await open(CastFile.castPath(directory), "wx+", 0o600);
    const stateFile = await open(CastFile.#statePath(directory), "wx+", 0o600);
    return new CastFile(cast, stateFile, state);
  }

  /** The recording that an earlier process left, or null. */
  static async open(directory: string): Promise<CastFile | null> {
    const text = await readFile(CastFile.#statePath(directory), "utf8").catch(() => null);
    if (text === null) return null;
    const state = stateSchema.safeParse(parseJson(text));
    if (!state.success) return null;
    const cast = await open(CastFile.castPath(directory), "r+");
    const stateFile = await open(CastFile.#statePath(directory), "r+");
    await cast.truncate(state.data.bytes);
    return new CastFile(cast, stateFile, state.data);
  }

  get state(): CastState {
    return this.#state;
  }

  async append(text: string, change: Pick<CastState, "active" | "next" | "lastAt">): Promise<void> {
    const bytes = Buffer.from(text);
    await this.#cast.write(bytes, 0, bytes.byteLength, this.#state.bytes);
    this.#state = { ...this.#state, ...change, bytes: this.#state.bytes + bytes.byteLength };
    await this.#stateFile.write(JSON.stringify(this.#state).padEnd(STATE_BYTES), 0);
  }

  async close(): Promise<void> {
    await this.#cast.close().catch(() => {});
    await this.#stateFile.close().catch(() => {});
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
