import type { CommandId, Reply } from "@slipway/protocol";

/** Commands whose replies are remembered, so that a repeat answers as the first did. */
const REMEMBERED_COMMANDS = 4096;

/** Makes commands idempotent by their id: each runs once, and a repeat shares the first one's reply. */
export class CommandLog {
  readonly #replies = new Map<CommandId, Promise<Reply>>();

  run(id: CommandId, work: () => Promise<Reply>): Promise<Reply> {
    const known = this.#replies.get(id);
    if (known) return known;
    const reply = work();
    this.#replies.set(id, reply);
    if (this.#replies.size > REMEMBERED_COMMANDS) {
      const oldest = this.#replies.keys().next();
      if (!oldest.done) this.#replies.delete(oldest.value);
    }
    return reply;
  }
}
