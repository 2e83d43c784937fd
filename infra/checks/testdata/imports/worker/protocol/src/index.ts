import { readFileSync } from "node:fs";
import { z } from "zod";
export const bad = readFileSync;
export const good = z;
