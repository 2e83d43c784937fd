import type { SessionView } from "../../rpc/client.ts";

/** Whether what a session has written can be saved or fetched at this time. */
export const areFilesKept = ({ state, filesKeptUntil }: SessionView, now: number): boolean =>
  state === "running" || (state === "ended" && filesKeptUntil !== null && filesKeptUntil > now);
