import { page } from "../../ui/page.ts";
export const Terminal = page;
