import { MemoryContent } from "../content/memory-content.ts";
export const bad = new MemoryContent();
