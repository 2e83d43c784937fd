import { accountRouter } from "./account/account-router.ts";
import { adminRouter } from "./admin/admin-router.ts";
import { buildRouter } from "./build/build-router.ts";
import { imageRouter } from "./image/image-router.ts";
import { linkRouter } from "./link/link-router.ts";
import { playgroundRouter } from "./playground/playground-router.ts";
import { playgroundLinkRouter } from "./playground-link/playground-link-router.ts";
import { registryRouter } from "./registry/registry-router.ts";
import { savedImageRouter } from "./saved-image/saved-image-router.ts";
import { sessionRouter } from "./session/session-router.ts";
import { systemRouter } from "./system/system-router.ts";
import { router } from "./trpc.ts";

/**
 * All that browsers ask of the control plane, mounted at /trpc. Every error carries `data.slipway`, a WireError of the
 * protocol. Someone without an account gets `not-signed-in` everywhere but in `account` and `system`, and for what the token of a
 * `link` or `playgroundLink` opens; `account.enter` makes them a guest.
 */
export const appRouter = router({
  account: accountRouter,
  playground: playgroundRouter,
  playgroundLink: playgroundLinkRouter,
  build: buildRouter,
  registry: registryRouter,
  session: sessionRouter,
  savedImage: savedImageRouter,
  image: imageRouter,
  link: linkRouter,
  system: systemRouter,
  admin: adminRouter,
});

export type AppRouter = typeof appRouter;
