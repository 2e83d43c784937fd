import { page } from "../../../web/src/ui/page.ts";
export const bad = page;
