import type { SessionReport } from "@slipway/protocol";
import type { Logger } from "pino";
import type { SessionRecord, SessionRecords } from "./record.ts";

/** The record of one session: every change is written down before it is told. */
export class SessionBook {
  readonly #records: SessionRecords;
  readonly #changed: (report: SessionReport) => void;
  readonly #log: Logger;
  #record: SessionRecord;

  constructor(
    record: SessionRecord,
    options: {
      readonly records: SessionRecords;
      readonly changed: (report: SessionReport) => void;
      readonly log: Logger;
    },
  ) {
    this.#record = record;
    this.#records = options.records;
    this.#changed = options.changed;
    this.#log = options.log;
  }

  get record(): SessionRecord {
    return this.#record;
  }

  get report(): SessionReport {
    return this.#record.report;
  }

  /** Writes down what nobody is told. Throws when it can't be written. */
  note(change: Partial<Omit<SessionRecord, "report">>): void {
    const record = { ...this.#record, ...change };
    this.#records.write(record);
    this.#record = record;
  }

  /** Writes a new report down and tells it. One that can't be written is told all the same. */
  tell(change: Partial<SessionReport>, noted: Partial<Omit<SessionRecord, "report">> = {}): void {
    const report = { ...this.report, ...change, revision: this.report.revision + 1 };
    this.#record = { ...this.#record, ...noted, report };
    try {
      this.#records.write(this.#record);
    } catch (error) {
      this.#log.error({ err: error, sessionId: report.sessionId }, "a session's record could not be written");
    }
    this.#changed(report);
  }
}
