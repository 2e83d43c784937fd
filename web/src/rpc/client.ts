import { QueryClient } from "@tanstack/react-query";
import { createTRPCClient, httpBatchLink, httpSubscriptionLink, splitLink } from "@trpc/client";
import type { inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "../control-plane/router.ts";

/** Where the server mounts its router. */
const URL = "/trpc";

/** The one client of the page. Subscriptions are event streams (SSE), everything else is batched requests. */
export const rpc = createTRPCClient<AppRouter>({
  links: [
    splitLink({
      condition: (operation) => operation.type === "subscription",
      true: httpSubscriptionLink({ url: URL }),
      false: httpBatchLink({ url: URL }),
    }),
  ],
});

type Outputs = inferRouterOutputs<AppRouter>;
export type PlaygroundView = Outputs["playground"]["get"];
export type PlaygroundFile = PlaygroundView["files"][number];
export type BuildView = Outputs["build"]["start"];
export type SessionView = Outputs["session"]["launch"];

/** Errors that another try may mend are tried this often. */
const RETRIES = 2;

const isMissing = (error: Error): boolean => "data" in error;

export const makeQueryClient = (): QueryClient =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // What the server answered on purpose stays true; only a missing answer is asked for again.
        retry: (failures, error) => failures < RETRIES && !isMissing(error),
        refetchOnWindowFocus: false,
      },
    },
  });
