import type { inferRouterInputs, inferRouterOutputs } from "@trpc/server";
import type { AppRouter } from "../control-plane/router.ts";
import { WireFailure } from "./failure.ts";

/*
 * The few calls that the start page makes, as plain requests in tRPC's HTTP form, so that the page does not load a
 * client for them. https://trpc.io/docs/rpc
 */

type Outputs = inferRouterOutputs<AppRouter>;

async function answerOf<Data>(response: Promise<Response>): Promise<Data> {
  const body: unknown = await response.then((answer) => answer.json()).catch(() => null);
  if (typeof body === "object" && body !== null && "result" in body) {
    return (body as { result: { data: Data } }).result.data;
  }
  throw WireFailure.fromAnswer(body);
}

const query = <Data>(path: string): Promise<Data> => answerOf(fetch(`/trpc/${path}`));

const mutate = <Data>(path: string, input?: unknown): Promise<Data> =>
  answerOf(
    fetch(`/trpc/${path}`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: input === undefined ? null : JSON.stringify(input),
    }),
  );

type Creation = inferRouterInputs<AppRouter>["playground"]["create"];
/** What a new playground can begin with. */
export type Template = NonNullable<Creation["template"]>;

/**
 * Enters (as a guest where someone has no account yet) and makes a playground, with comments in the person's language. Answers
 * its id.
 */
export async function createPlayground(
  template: Template,
  language: NonNullable<Creation["language"]>,
): Promise<string> {
  await mutate<Outputs["account"]["enter"]>("account.enter");
  const { id } = await mutate<Outputs["playground"]["create"]>("playground.create", { template, language });
  return id;
}

/** The person's playgrounds, the newest first; none for someone who has not entered. */
export async function listPlaygrounds(): Promise<Outputs["playground"]["list"]> {
  const person = await whoAmI();
  return person === null ? [] : query("playground.list");
}

/** The person who asks; null for someone who has not entered yet. */
export const whoAmI = (): Promise<Outputs["account"]["me"]> => query("account.me");

/** The workers as people see them. */
export const systemStatus = (): Promise<Outputs["system"]["status"]> => query("system.status");
