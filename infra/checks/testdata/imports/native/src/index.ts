import type { Good } from "../../worker/src/runtime/runtime.ts";
export type Bad = Good;
