import { createTRPCClient, httpBatchLink, httpSubscriptionLink, retryLink, splitLink } from "@trpc/client";
import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "../control-plane/router.ts";

/** Where the server mounts its router. */
const URL = "/trpc";

/** What may be asked twice without happening twice, when no answer came. */
const REPEATABLE: ReadonlySet<string> = new Set([
  "playground.saveFile",
  "playground.deleteFile",
  "build.cancel",
  "registry.login",
  "registry.logout",
  "session.launch",
  "session.stop",
  "session.previewUrl",
  "session.terminalTicket",
]);
/** Tries of one request, the first included. */
const TRIES = 3;
const RETRY_MS = 300;

/** The one client of the page. Subscriptions are event streams (SSE), everything else is batched requests. */
export const rpc = createTRPCClient<AppRouter>({
  links: [
    retryLink({
      retry: ({ op, error, attempts }) =>
        error.data == null && attempts < TRIES && (op.type === "query" || REPEATABLE.has(op.path)),
      retryDelayMs: (attempts) => RETRY_MS * attempts,
    }),
    splitLink({
      condition: (operation) => operation.type === "subscription",
      true: httpSubscriptionLink({ url: URL }),
      false: httpBatchLink({ url: URL }),
    }),
  ],
});

type Inputs = inferRouterInputs<AppRouter>;
type Outputs = inferRouterOutputs<AppRouter>;
export type PlaygroundView = Outputs["playground"]["get"];
export type PlaygroundFile = PlaygroundView["files"][number];
export type BuildView = Outputs["build"]["start"];
/** What a build can be told. */
export type BuildWish = Omit<Inputs["build"]["start"], "playgroundId">;
export type PlainOptions = BuildView["options"];
export type RegistryLogin = Inputs["registry"]["login"];
export type RegistryLoginView = Outputs["registry"]["login"];
export type SessionView = Outputs["session"]["get"];
export type TerminalTicket = Outputs["session"]["terminalTicket"];
export type SavedImage = Outputs["savedImage"]["save"];
export type LinkGrant = Inputs["link"]["create"]["grant"];
export type LinkView = Outputs["link"]["list"][number];
