import { router } from "../../control-plane/router.ts";
import type { good } from "../../control-plane/db/database.ts";
import { Terminal } from "../terminal/terminal.ts";
export type Bad = typeof good;
export const Editor = [router, Terminal];
