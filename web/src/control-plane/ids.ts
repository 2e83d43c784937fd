import { randomBytes } from "node:crypto";
import {
  buildIdSchema,
  commandIdSchema,
  playgroundIdSchema,
  sessionIdSchema,
  terminalIdSchema,
} from "@slipway/protocol";

/** Random characters of an id: 32 letters and digits to choose from, so 5 bits each. */
const RANDOM_CHARACTERS = 20;
const ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz";

/** 100 random bits after a letter that tells the kind; fit for a DNS label, as ids of the protocol are. */
function randomId(letter: string): string {
  const bytes = randomBytes(RANDOM_CHARACTERS);
  return letter + Array.from(bytes, (byte) => ALPHABET[byte % ALPHABET.length]).join("");
}

export const newPlaygroundId = () => playgroundIdSchema.parse(randomId("p"));
export const newBuildId = () => buildIdSchema.parse(randomId("b"));
export const newSessionId = () => sessionIdSchema.parse(randomId("s"));
export const newTerminalId = () => terminalIdSchema.parse(randomId("t"));
export const newCommandId = () => commandIdSchema.parse(randomId("c"));
/** Of rows that only the control plane knows. */
export const newSavedImageId = () => randomId("i");
export const newLinkId = () => randomId("l");
