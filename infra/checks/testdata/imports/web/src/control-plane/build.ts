import { PrismaPg } from "@prisma/adapter-pg";
import { MemoryContent } from "../../../worker/src/content/memory-content.ts";
export const bad = [PrismaPg, MemoryContent];
