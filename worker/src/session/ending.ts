import type { LimitEvent } from "@slipway/protocol";
import type { Terminal } from "../terminal/terminal.ts";
import type { SessionHouse } from "./house.ts";
import type { KeptDisk } from "./kept-files.ts";
import type { Launched } from "./launch.ts";
import type { SessionRecord } from "./record.ts";
import { removeResources } from "./resources.ts";
import type { SessionWatches } from "./session-watches.ts";
import { askToStop } from "./stopping.ts";

/** What runs of a session that ends; null for what never came to be. */
export interface Running {
  readonly launched: Launched | null;
  readonly main: Terminal | null;
  readonly watches: SessionWatches | null;
}

/**
 * Ends all processes of a session and takes away what it was made of, but for its terminals and, with `keepsFiles`, a disk that
 * something was written to. Never rejects.
 */
export async function windUp(
  { parts, kept }: SessionHouse,
  record: SessionRecord,
  { launched, main, watches }: Running,
  keepsFiles: boolean,
): Promise<{ limitEvents: readonly LimitEvent[]; files: KeptDisk | null }> {
  const { place, slot, request, report } = record;
  const failed = (what: string) => (error: unknown) => {
    parts.log.error({ err: error, sessionId: request.sessionId, what }, "the end of a session had trouble");
    return null;
  };
  const container =
    launched?.main.container ?? (await parts.runtime.adopt(place.container).catch(() => null));
  if (container && main && main.exit === null) {
    await askToStop(parts, record, container, main).catch(failed("stop"));
  }
  const limitEvents = (await watches?.look()) ?? report.limitEvents;
  watches?.stop();
  await removeResources(parts, place, { disk: true });
  const files = keepsFiles
    ? await kept.measure(place, request.limits.diskBytes).catch(failed("files"))
    : null;
  if (files === null) await parts.disks.remove(place.name).catch(failed("disk"));
  parts.ids.release(slot);
  return { limitEvents, files };
}
