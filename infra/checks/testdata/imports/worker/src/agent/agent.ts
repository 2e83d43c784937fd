import { anything } from "./helpers/anything.ts";
import { missing } from "./missing.ts";
export const bad = [anything, missing];
