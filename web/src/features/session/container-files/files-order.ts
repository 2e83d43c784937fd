import type { Collected } from "../../../ui/collect-files.ts";

/** What the files of the container are opened for. */
export interface FilesOrder {
  /** Begins where the process of this terminal is. */
  readonly terminalId: string;
  /** What was dropped on the terminals, to be put there; null where nothing was. */
  readonly dropped: (() => Promise<Collected[]>) | null;
}
