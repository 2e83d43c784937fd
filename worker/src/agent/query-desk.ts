import {
  QUERY_TIMEOUT_MS,
  type QueryAnswer,
  type QueryKind,
  type QueryOf,
  type QueryReply,
  SlipwayError,
  type WorkerQuery,
  workerQuerySchema,
} from "@slipway/protocol";
import type { Logger } from "pino";
import { z } from "zod";
import { Slots } from "../registry/slots.ts";

/** Questions that are worked on at the same time. */
const MAX_AT_ONCE = 4;
/** Questions that are worked on or wait for their turn; further ones are answered with `worker-busy`. */
const MAX_QUERIES = 64;

/** Who answers which kind. The signal aborts when nobody waits for the answer any more. */
export type Answerers = {
  readonly [Kind in QueryKind]: (query: QueryOf<Kind>, signal: AbortSignal) => Promise<QueryAnswer<Kind>>;
};

/** Answers questions of the control plane (protocol, worker-query), a bounded number at a time. */
export class QueryDesk {
  readonly #answerers: Answerers;
  readonly #log: Logger;
  readonly #slots = new Slots(MAX_AT_ONCE);
  #queries = 0;

  constructor(answerers: Answerers, log: Logger) {
    this.#answerers = answerers;
    this.#log = log;
  }

  /** Never rejects. */
  async answer(message: unknown): Promise<QueryReply> {
    const parsed = workerQuerySchema.safeParse(message);
    if (!parsed.success) {
      const error = new SlipwayError("request-invalid", z.prettifyError(parsed.error).slice(0, 2000));
      this.#log.error({ err: error }, "a question that does not fit the protocol");
      return { ok: false, error: error.toWire() };
    }
    if (this.#queries >= MAX_QUERIES) return { ok: false, error: busy().toWire() };
    this.#queries += 1;
    try {
      return { ok: true, answer: await this.#answerInTurn(parsed.data) };
    } catch (thrown) {
      const error = SlipwayError.from(thrown);
      const kind = parsed.data.kind;
      if (error.fault === "platform") this.#log.warn({ err: thrown, kind }, "a question was not answered");
      return { ok: false, error: error.toWire() };
    } finally {
      this.#queries -= 1;
    }
  }

  async #answerInTurn(query: WorkerQuery): Promise<unknown> {
    const signal = AbortSignal.timeout(QUERY_TIMEOUT_MS);
    const answerer = this.#answerers[query.kind] as (
      query: WorkerQuery,
      signal: AbortSignal,
    ) => Promise<unknown>;
    try {
      return await this.#slots.run(signal, () => answerer(query, signal));
    } catch (error) {
      if (signal.aborted && error === signal.reason) throw busy();
      throw error;
    }
  }
}

const busy = (): SlipwayError =>
  new SlipwayError("worker-busy", "The worker has too many questions to answer.");
