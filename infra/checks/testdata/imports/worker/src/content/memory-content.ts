import type { Content } from "./content.ts";
export class MemoryContent implements Content { read() { return ""; } }
