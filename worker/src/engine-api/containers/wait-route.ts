import { PassThrough } from "node:stream";
import { z } from "zod";
import type { SessionContainer } from "../../session/containers/session-container.ts";
import { EngineError } from "../engine-error.ts";
import { route } from "../route.ts";
import { atLeast } from "../router.ts";

const CONDITIONS = ["not-running", "next-exit", "removed"] as const;
/** Since this version an error that there is not is left out. */
const NO_ERROR = "1.42";
type Condition = (typeof CONDITIONS)[number];

/** `/containers/{id}/wait`: the head leaves at once, since clients start the container only then. */
export const waitRoute = route({
  method: "POST",
  path: "/containers/{id}/wait",
  query: z.object({ condition: z.string().optional() }),
  async handle({ session, params, query, version, gone }) {
    const container = session.containers.find(params.id ?? "");
    const condition = (query.condition || "not-running") as Condition;
    if (!CONDITIONS.includes(condition)) {
      throw new EngineError(400, `invalid condition: "${condition.slice(0, 64)}"`);
    }
    const body = new PassThrough();
    void exitOf(container, condition, gone).then((exitCode) => {
      const error = atLeast(version, NO_ERROR) ? {} : { Error: null };
      if (exitCode !== null) body.end(`${JSON.stringify({ StatusCode: exitCode, ...error })}\n`);
      else body.destroy();
    });
    return { kind: "stream", status: 200, type: "application/json", body };
  },
});

const hasEnded = ({ state }: SessionContainer): boolean =>
  state.status === "exited" || state.status === "restarting" || state.status === "created";

/** The exit code when the condition is met; null when nobody waits any more. */
function exitOf(
  container: SessionContainer,
  condition: Condition,
  gone: AbortSignal,
): Promise<number | null> {
  return new Promise((resolve) => {
    let hasRun = condition === "not-running" || !hasEnded(container);
    const look = () => {
      if (!hasEnded(container)) hasRun = true;
      const isMet =
        condition === "removed" ? container.isGone : container.isGone || (hasRun && hasEnded(container));
      if (isMet) settle("exitCode" in container.state ? container.state.exitCode : 0);
    };
    const stop = container.onChange(look);
    const settle = (exitCode: number | null) => {
      stop();
      gone.removeEventListener("abort", leave);
      resolve(exitCode);
    };
    const leave = () => settle(null);
    gone.addEventListener("abort", leave, { once: true });
    look();
  });
}
