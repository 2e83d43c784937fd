import { SlipwayError } from "@slipway/protocol";
import type { SessionHouse } from "./house.ts";
import { type Launched, launch, startWaiting } from "./launch.ts";
import { newPlace } from "./place.ts";
import { removeResources } from "./resources.ts";
import type { SessionBook } from "./session-book.ts";
import type { PreparedStart } from "./warm/prepared-start.ts";

/** A worker that has no more of something may have some of it in prepared starts. */
const SHORTAGES: ReadonlySet<string> = new Set(["worker-full", "disk-full"]);

/**
 * Launches the session of a book: from what is prepared, or else from scratch. A prepared start that fails costs time and
 * nothing else. Sessions come before prepared starts: where something is short, those give way.
 */
export async function launchSomehow(
  house: SessionHouse,
  book: SessionBook,
  prepared: PreparedStart | null,
): Promise<Launched> {
  if (prepared !== null) {
    try {
      return await launchPrepared(house, book, prepared);
    } catch (error) {
      house.parts.log.warn(
        { err: error, sessionId: book.report.sessionId },
        "a prepared start was of no use",
      );
      // Another place, so that the removal of the first one does not get in the way.
      book.note({ place: newPlace(), slot: house.parts.ids.take() });
      house.warm.discard(prepared);
    }
  }
  return await launchCold(house, book);
}

async function launchPrepared(
  { parts }: SessionHouse,
  { record }: SessionBook,
  { place, slot, ground, main }: PreparedStart,
): Promise<Launched> {
  if (main) return await startWaiting(parts, record.request, { place, ground, main });
  return await launch(parts, record.request, { place, slot, ground });
}

async function launchCold(house: SessionHouse, { record }: SessionBook): Promise<Launched> {
  const { parts, warm } = house;
  const { request, place, slot } = record;
  const site = { place, slot, ground: null };
  try {
    return await launch(parts, request, site);
  } catch (error) {
    const isShort = error instanceof SlipwayError && SHORTAGES.has(error.code);
    if (!isShort || !(await warm.giveWay())) throw error;
    await removeResources(parts, place);
    return await launch(parts, request, site);
  }
}
