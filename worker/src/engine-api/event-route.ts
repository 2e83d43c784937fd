import { PassThrough } from "node:stream";
import { z } from "zod";
import type { HostEvent } from "../session/host-events.ts";
import { type Filters, filters, flagUnlessFalse, timestamp } from "./query-values.ts";
import { route } from "./route.ts";

/** What a client that does not read has waiting for it; then its connection ends. */
const WAITING_BYTES = 1024 * 1024;
/** The longest time that `until` may lie ahead (setTimeout's own bound), ms. */
const LONGEST_WAIT_MS = 2 ** 31 - 1;

/**
 * `/events`: what has happened since `since`, and what happens until `until`. `stream=0` is podman's: what has happened, and no more.
 */
export const eventRoute = route({
  method: "GET",
  path: "/events",
  query: z.object({ since: timestamp, until: timestamp, stream: flagUnlessFalse, filters }),
  async handle({ session, query, gone }) {
    const body = new PassThrough();
    const tell = (event: HostEvent) => {
      if (!fits(event, query.filters)) return;
      body.write(`${JSON.stringify(toDocker(event))}\n`);
      if (body.writableLength > WAITING_BYTES) body.destroy(new Error("a client does not read its events"));
    };
    const { until } = query;
    const since = query.since ?? (query.stream ? null : 0);
    if (since !== null) {
      const past = session.events.past.filter(({ timeNano }) => {
        const seconds = Number(timeNano) / 1e9;
        return seconds >= since && (until === null || seconds <= until);
      });
      for (const event of past) tell(event);
    }
    const untilMs = query.stream ? (until ?? Number.POSITIVE_INFINITY) * 1_000 : 0;
    const leftMs = Math.min(untilMs - Date.now(), LONGEST_WAIT_MS);
    if (leftMs <= 0) {
      body.end();
    } else {
      const stopListening = session.events.listen(tell);
      const timer = setTimeout(() => body.end(), leftMs).unref();
      const stop = () => {
        stopListening();
        clearTimeout(timer);
      };
      body.on("close", stop);
      gone.addEventListener("abort", () => body.destroy(), { once: true });
    }
    return { kind: "stream", status: 200, type: "application/json", body };
  },
});

function toDocker({ type, action, id, attributes, timeNano }: HostEvent): object {
  return {
    // Fields of before API 1.22, which these two kinds still have.
    ...(type === "container" && { status: action, id, from: attributes.image ?? "" }),
    ...(type === "image" && { status: action, id }),
    Type: type,
    Action: action,
    Actor: { ID: id, Attributes: attributes },
    scope: "local",
    time: Number(timeNano / 1_000_000_000n),
    // As a number, which loses the last digits in a client of JavaScript and in no other.
    timeNano: Number(timeNano),
  };
}

/** Values of one name are alternatives; names hold together. */
function fits(event: HostEvent, wanted: Filters): boolean {
  const { type, action, id, attributes } = event;
  const isObject = (kind: string) => (value: string) =>
    type === kind && (id === value || id.startsWith(value) || attributes.name === value);
  const tests: Readonly<Record<string, (value: string) => boolean>> = {
    type: (value) => type === value,
    event: (value) => action === value || action.startsWith(`${value}:`),
    container: isObject("container"),
    network: isObject("network"),
    volume: isObject("volume"),
    image: (value) =>
      (type === "image" && (id === value || attributes.name === value)) || attributes.image === value,
    label: (value) => {
      const [name = "", ...rest] = value.split("=");
      return name in attributes && (rest.length === 0 || attributes[name] === rest.join("="));
    },
    scope: (value) => value === "local",
    daemon: () => true,
  };
  return [...wanted].every(
    ([name, values]) => values.length === 0 || values.some(tests[name] ?? (() => false)),
  );
}
