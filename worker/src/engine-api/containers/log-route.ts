import { PassThrough } from "node:stream";
import { z } from "zod";
import { type LogRecord, readLog } from "../../keeper/process-log.ts";
import { Attachment } from "../../session/containers/attachment.ts";
import { filesOf } from "../../session/containers/container-ground.ts";
import { EngineError } from "../engine-error.ts";
import { frame, MULTIPLEXED_STREAM, RAW_STREAM, type Stream } from "../frames.ts";
import { flag, timestamp } from "../query-values.ts";
import { route } from "../route.ts";
import { atLeast } from "../router.ts";
import { drained } from "./drained.ts";
import { LogLines, lastLines } from "./log-lines.ts";

/** `/containers/{id}/logs`: what was written so far, and with `follow` what is written from then on, each once. */
export const logRoute = route({
  method: "GET",
  path: "/containers/{id}/logs",
  query: z.object({
    follow: flag,
    stdout: flag,
    stderr: flag,
    since: timestamp,
    until: timestamp,
    timestamps: flag,
    tail: z.string().optional(),
  }),
  async handle({ session, params, query, version, gone }) {
    const container = session.containers.find(params.id ?? "");
    if (!query.stdout && !query.stderr) {
      throw new EngineError(400, "Bad parameters: you must choose at least one stream");
    }
    const { tty, logBytes } = container.record.order;
    if (logBytes === null) throw new EngineError(501, "configured logging driver does not support reading");
    const wanted = new Set<Stream>([
      ...(query.stdout ? (["stdout"] as const) : []),
      ...(query.stderr ? (["stderr"] as const) : []),
    ]);
    const body = new PassThrough();
    const lines = new LogLines(query.timestamps);
    const within = ({ stream, timeNano }: LogRecord) =>
      wanted.has(stream) &&
      (query.since === null || timeNano >= nanos(query.since)) &&
      (query.until === null || timeNano <= nanos(query.until));
    const send = (record: LogRecord): boolean => {
      if (!within(record)) return true;
      const data = lines.render(record);
      return data.byteLength === 0 || body.write(tty ? data : frame(record.stream, data));
    };
    const work = async () => {
      const live = query.follow && container.running !== null ? listen(send, body) : null;
      if (live !== null) await container.attach(live.attachment);
      const until = live?.attachment.loggedUntil ?? null;
      const isPast = ({ timeNano }: LogRecord) => until === null || timeNano <= until;
      const tail = query.tail === undefined || query.tail === "all" ? null : Number(query.tail);
      const log = readLog(filesOf(session.disk, container.id).log);
      const records =
        tail === null || !(tail >= 0)
          ? log
          : lastLines(log, tail, (record) => within(record) && isPast(record));
      for await (const portion of records) {
        for (const record of portion) {
          if (isPast(record) && !send(record)) await drained(body, gone);
        }
        if (gone.aborted) break;
      }
      if (live === null) body.end();
      else live.begin();
      gone.addEventListener("abort", () => live?.attachment.close(), { once: true });
    };
    work().catch((error: Error) => body.destroy(error));
    const type = !tty && atLeast(version, "1.42") ? MULTIPLEXED_STREAM : RAW_STREAM;
    return { kind: "stream", status: 200, type, body };
  },
});

const nanos = (seconds: number): bigint => BigInt(Math.round(seconds * 1e6)) * 1_000n;

/** What is written from now on; it waits until the past has been told. */
function listen(send: (record: LogRecord) => boolean, body: PassThrough) {
  const early: LogRecord[] = [];
  let hasBegun = false;
  let isOver = false;
  const attachment = new Attachment({
    output(stream, data) {
      const record = { stream, data, timeNano: BigInt(Date.now()) * 1_000_000n };
      if (!hasBegun) {
        early.push(record);
        return false;
      }
      if (send(record)) return true;
      body.once("drain", () => attachment.resume());
      return false;
    },
    ended() {
      isOver = true;
      if (hasBegun) body.end();
    },
  });
  const begin = () => {
    hasBegun = true;
    for (const record of early) send(record);
    if (isOver) body.end();
    else attachment.resume();
  };
  return { attachment, begin };
}
