import { SlipwayError } from "@slipway/protocol";

/** What can't be done with a container as it is; the sentence is Docker's. */
export const conflict = (sentence: string): SlipwayError => new SlipwayError("container-conflict", sentence);
