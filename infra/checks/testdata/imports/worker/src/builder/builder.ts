import type { Above } from "../session/session.ts";
export type Beside = Above;
