import type { SessionId, SessionReport, TerminalId } from "@slipway/protocol";
import type { Terminal } from "../terminal/terminal.ts";
import type { KeptFiles } from "./kept-files.ts";
import type { SessionParts } from "./parts.ts";
import type { PortWatch } from "./port-watch.ts";
import type { SessionRecords } from "./record.ts";
import type { WarmPool } from "./warm/warm-pool.ts";

/** What the sessions of a worker share. */
export interface SessionHouse {
  readonly parts: SessionParts;
  readonly records: SessionRecords;
  readonly warm: WarmPool;
  readonly ports: PortWatch;
  readonly kept: KeptFiles;
  /** Told of every report, which is written down by then. */
  readonly changed: (report: SessionReport) => void;
  /** Told of a terminal that is there now, or (null) will not come. */
  readonly terminalCame: (session: SessionId, terminal: TerminalId, found: Terminal | null) => void;
}
