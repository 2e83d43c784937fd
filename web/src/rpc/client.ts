import {
  createTRPCClient,
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  retryLink,
  splitLink,
} from "@trpc/client";
import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "../control-plane/router.ts";
import { SteadyEventSource } from "./steady-event-source.ts";

/** Where the server mounts its router. */
const URL = "/trpc";

/** What may be asked twice without happening twice, when no answer came. */
const REPEATABLE: ReadonlySet<string> = new Set([
  "account.signIn",
  "account.signOut",
  "account.remove",
  "playground.saveFile",
  "playground.createFolder",
  "playground.remove",
  "build.cancel",
  "registry.login",
  "registry.logout",
  "session.launch",
  "session.stop",
  "session.pause",
  "session.exportUrl",
  "session.dockerAddress",
  "session.revokeDockerAddresses",
  "session.filesTicket",
  "savedImage.save",
  "savedImage.delete",
  "link.revoke",
  "link.terminalTicket",
  "session.previewUrl",
  "session.terminalTicket",
]);
/** Tries of one request, the first included: together a few seconds, in which a server that was killed is back. */
const TRIES = 7;
const FIRST_PAUSE_MS = 80;
const LONGEST_PAUSE_MS = 1_000;

/** The one client of the page. Subscriptions are event streams (SSE), everything else is batched requests. */
export const rpc = createTRPCClient<AppRouter>({
  links: [
    retryLink({
      retry: ({ op, error, attempts }) =>
        error.data == null && attempts < TRIES && (op.type === "query" || REPEATABLE.has(op.path)),
      retryDelayMs: (attempts) => Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempts),
    }),
    splitLink({
      condition: (operation) => operation.type === "subscription",
      true: httpSubscriptionLink({ url: URL, EventSource: SteadyEventSource }),
      false: splitLink({
        // A batch is answered when its slowest part is, and a look into an image is answered by its worker.
        condition: (operation) => operation.path.startsWith("image."),
        true: httpLink({ url: URL }),
        false: httpBatchLink({ url: URL }),
      }),
    }),
  ],
});

type Inputs = inferRouterInputs<AppRouter>;
type Outputs = inferRouterOutputs<AppRouter>;
type SubscriptionOf<Stream> = Stream extends AsyncIterable<infer Item> ? Item : never;
export type Person = NonNullable<Outputs["account"]["me"]>;
export type AdminOverview = Outputs["admin"]["overview"];
export type AdminSession = Outputs["admin"]["sessions"][number];
export type AdminUser = Outputs["admin"]["users"][number];
export type AdminQuotas = Outputs["admin"]["quotas"];
export type AuditEntry = Outputs["admin"]["audit"][number];
export type PlaygroundView = Outputs["playground"]["get"];
export type PlaygroundFile = PlaygroundView["files"][number];
export type FileNews = SubscriptionOf<Outputs["playground"]["watch"]>;
export type PlaygroundVersion = Outputs["playground"]["versions"][number];
export type VersionDifference = Outputs["playground"]["differences"][number];
export type PlaygroundLink = Outputs["playgroundLink"]["list"][number];
export type MadePlaygroundLink = Outputs["playgroundLink"]["create"];
export type SharedPlayground = Outputs["playgroundLink"]["view"];
export type PlaygroundSummary = Outputs["playground"]["list"][number];
export type BuildSummary = Outputs["build"]["list"]["builds"][number];
export type BuildView = Outputs["build"]["start"];
/** What a build can be told. */
export type BuildWish = Omit<Inputs["build"]["start"], "playgroundId">;
export type PlainOptions = BuildView["options"];
export type RegistryLogin = Inputs["registry"]["login"];
export type RegistryLoginView = Outputs["registry"]["login"];
export type SessionView = Outputs["session"]["get"];
export type TerminalTicket = Outputs["session"]["terminalTicket"];
/** An image of a playground: of a build, or a saved one. */
export type ImageName = Inputs["image"]["about"]["image"];
export type ListedImage = Outputs["image"]["list"][number];
export type SavedImage = Outputs["savedImage"]["list"][number];
export type DockerAddress = Outputs["session"]["dockerAddress"];
export type LaunchOrder = Omit<Inputs["session"]["launch"], "playgroundId" | "size">;
/** What the holder of a link sees of a session. */
export type SharedSession = SubscriptionOf<Outputs["link"]["watch"]>;
export type MadeLink = Outputs["link"]["create"];
export type LinkGrant = Inputs["link"]["create"]["grant"];
export type LinkView = Outputs["link"]["list"][number];
