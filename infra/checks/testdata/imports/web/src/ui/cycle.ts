import { page } from "./page.ts";
import type { Good } from "../rpc/client.ts";
export type Bad = Good;
export const cycle = () => page;
