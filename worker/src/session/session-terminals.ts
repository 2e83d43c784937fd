import type { SessionTerminal, TerminalId, TerminalSize } from "@slipway/protocol";
import type { Container, ProcessSpec } from "../runtime/runtime.ts";
import type { Terminal } from "../terminal/terminal.ts";
import type { SessionHouse } from "./house.ts";
import type { SessionBook } from "./session-book.ts";
import { openShell, roomForShell } from "./shells.ts";

/** The terminals of one session by the ids of its launch and commands, as its reports name them. */
export class SessionTerminals {
  readonly #house: SessionHouse;
  readonly #book: SessionBook;
  readonly #ended: (id: TerminalId, exitCode: number | null) => void;
  readonly #held = new Map<TerminalId, Terminal>();

  /** `ended` is told of each process that ends, once its exit code is reported. */
  constructor(
    house: SessionHouse,
    book: SessionBook,
    ended: (id: TerminalId, exitCode: number | null) => void,
  ) {
    this.#house = house;
    this.#book = book;
    this.#ended = ended;
  }

  get(id: TerminalId): Terminal | null {
    return this.#held.get(id) ?? null;
  }

  /** Bytes of output of all of them; another number whenever something is printed or opened. */
  get activity(): number {
    return [...this.#held.values()].reduce((sum, { written }) => sum + written, this.#held.size);
  }

  /** Holds terminals of an earlier worker process, for people who still want to read them. */
  hold(terminals: ReadonlyMap<TerminalId, Terminal>): void {
    for (const [id, terminal] of terminals) this.#held.set(id, terminal);
  }

  /** Takes over the held ones of a session that lives. */
  adopt(): void {
    for (const [id, terminal] of this.#held) {
      // A worker that was killed may have opened the shell without a chance to say so.
      if (!this.#reported(id)) this.#report([...this.#book.report.terminals, shellEntry(id)]);
      this.#heed(id, terminal);
    }
  }

  add(id: TerminalId, terminal: Terminal): void {
    this.#held.set(id, terminal);
    this.#house.terminalCame(this.#book.report.sessionId, id, terminal);
    this.#heed(id, terminal);
  }

  /** Opens one more shell; `inside`: the name of the container that it is in, where docker made that. Rejects with `terminal-limit` where no more may be, and none that has ended makes room. */
  async open(
    container: Container,
    process: ProcessSpec,
    id: TerminalId,
    { size, inside = null }: { readonly size: TerminalSize; readonly inside?: string | null },
  ): Promise<void> {
    const ended = roomForShell(this.#book.report.terminals);
    if (ended !== null) await this.#forget(ended);
    const terminal = await openShell(this.#house.parts, container, process, id, size);
    this.#report([...this.#book.report.terminals, shellEntry(id, inside)]);
    this.add(id, terminal);
  }

  /** Tells all who wait for one of these that it will not come. */
  giveUp(ids: readonly TerminalId[]): void {
    for (const id of ids) {
      if (!this.#held.has(id)) this.#house.terminalCame(this.#book.report.sessionId, id, null);
    }
  }

  async #forget(id: TerminalId): Promise<void> {
    this.#held.delete(id);
    this.#report(this.#book.report.terminals.filter(({ terminalId }) => terminalId !== id));
    await this.#house.parts.terminals.remove(id);
  }

  #heed(id: TerminalId, terminal: Terminal): void {
    void terminal.ended.then(({ exitCode }) => {
      if (this.#held.get(id) === terminal) this.#ended(id, exitCode);
    });
  }

  #reported(id: TerminalId): boolean {
    return this.#book.report.terminals.some(({ terminalId }) => terminalId === id);
  }

  #report(terminals: SessionTerminal[]): void {
    this.#book.tell({ terminals });
  }
}

const shellEntry = (terminalId: TerminalId, container: string | null = null): SessionTerminal => ({
  terminalId,
  kind: "shell",
  container,
  exitCode: null,
});
