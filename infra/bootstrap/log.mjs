import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import path from "node:path";

/** A log file larger than this is put aside. */
const ROTATE_BYTES = 10 * 1024 ** 2;
/** How many that were put aside are kept: file.1 is the newest. */
const KEPT = 3;

/** An append-only file that never takes more than (KEPT + 1) × ROTATE_BYTES. */
export class Log {
  #file;
  #descriptor;
  #bytes;

  /** @param {string} file */
  constructor(file) {
    mkdirSync(path.dirname(file), { recursive: true, mode: 0o750 });
    this.#file = file;
    this.#descriptor = openSync(file, "a", 0o640);
    this.#bytes = fstatSync(this.#descriptor).size;
  }

  get file() {
    return this.#file;
  }

  /** @param {string | Buffer} chunk */
  write(chunk) {
    if (this.#bytes > ROTATE_BYTES) this.#rotate();
    try {
      this.#bytes += writeSync(this.#descriptor, Buffer.from(chunk));
    } catch {
      // A full disk must not end what still runs; the processes themselves say that it is full.
    }
  }

  /** @param {string} text */
  line(text) {
    this.write(`${new Date().toISOString()} ${text}\n`);
  }

  close() {
    closeSync(this.#descriptor);
  }

  #rotate() {
    closeSync(this.#descriptor);
    for (let number = KEPT; number > 0; number--) {
      const older = number === 1 ? this.#file : `${this.#file}.${number - 1}`;
      if (existsSync(older)) renameSync(older, `${this.#file}.${number}`);
    }
    this.#descriptor = openSync(this.#file, "a", 0o640);
    this.#bytes = 0;
  }
}
