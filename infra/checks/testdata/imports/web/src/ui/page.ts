import { cycle } from "./cycle.ts";
export const page = () => cycle;
