import type { Content } from "../content/content.ts";
import type { Above } from "../session/session.ts";
export type Good = Content;
export type Bad = Above;
