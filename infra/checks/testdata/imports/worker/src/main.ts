import { MemoryContent } from "./content/memory-content.ts";
export const good = new MemoryContent();
