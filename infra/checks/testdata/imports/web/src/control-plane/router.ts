import { page } from "../ui/page.ts";
export const router = { page };
export type AppRouter = typeof router;
