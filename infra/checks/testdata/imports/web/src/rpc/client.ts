import type { AppRouter } from "../control-plane/router.ts";
import { Editor } from "../features/editor/editor.ts";
export type Good = AppRouter;
export const bad = Editor;
