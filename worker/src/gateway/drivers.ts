import type { TerminalSize } from "@slipway/protocol";
import type { Terminal } from "../terminal/terminal.ts";

/**
 * Who of those that may type leads: the last one that typed or resized. The terminal has the size of the one that leads, and
 * what a screen answers by itself is taken from that one only, for all of them answer the same question.
 */
export class Drivers {
  readonly #leaders = new WeakMap<Terminal, Driver>();

  /** `driver` typed or resized. */
  lead(terminal: Terminal, driver: Driver): void {
    if (this.#leaders.get(terminal) === driver) return;
    this.#leaders.set(terminal, driver);
    const { room } = driver;
    if (room === null || (room.rows === terminal.size.rows && room.cols === terminal.size.cols)) return;
    terminal.resize(room);
  }

  /** Where nobody leads, everybody is heard. */
  isHeard(terminal: Terminal, driver: Driver): boolean {
    return (this.#leaders.get(terminal) ?? driver) === driver;
  }

  leave(terminal: Terminal, driver: Driver): void {
    if (this.#leaders.get(terminal) === driver) this.#leaders.delete(terminal);
  }
}

export interface Driver {
  /** The size that this one's page has room for; null while it has not said so. */
  readonly room: TerminalSize | null;
}
