import { randomBytes, randomInt } from "node:crypto";

/** Characters of an id that Docker shows. */
const SHORT_ID = 12;
/** Characters of an id that name what belongs to it on this machine. */
const MACHINE_ID = 32;

export const newContainerId = (): string => randomBytes(32).toString("hex");
export const shortId = (id: string): string => id.slice(0, SHORT_ID);
/** Of the keeper of a container's main process. */
export const keeperId = (id: string): string => id.slice(0, MACHINE_ID);
/** Of the keeper of an exec. */
export const execKeeperId = (id: string): string => `x${id.slice(0, MACHINE_ID - 1)}`;

export const CONTAINER_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,127}$/;

const MOODS = [
  "calm",
  "brisk",
  "clear",
  "fair",
  "keen",
  "merry",
  "quick",
  "quiet",
  "steady",
  "sunny",
  "warm",
  "wise",
];
const THINGS = [
  "anchor",
  "bay",
  "boat",
  "buoy",
  "crane",
  "dock",
  "ferry",
  "gull",
  "harbor",
  "keel",
  "mast",
  "pier",
];

/** A name for a container that was given none. */
export function inventName(isTaken: (name: string) => boolean): string {
  const pick = (words: readonly string[]) => words[randomInt(words.length)] ?? "";
  const name = `${pick(MOODS)}_${pick(THINGS)}`;
  if (!isTaken(name)) return name;
  return `${name}_${randomBytes(4).toString("hex")}`;
}
