import type { Duplex } from "node:stream";
import { z } from "zod";
import { readLog } from "../../keeper/process-log.ts";
import { filesOf } from "../../session/containers/container-ground.ts";
import type { SessionContainer } from "../../session/containers/session-container.ts";
import type { SessionHost } from "../../session/session-host.ts";
import { EngineError } from "../engine-error.ts";
import { frame, type Stream } from "../frames.ts";
import { flag, integer } from "../query-values.ts";
import { type Answer, type Call, hijacked, json, route } from "../route.ts";
import { DetachKeys, parseDetachKeys } from "./detach-keys.ts";
import { drained } from "./drained.ts";
import { bridge } from "./stream-bridge.ts";

const resized: Answer = { kind: "empty", status: 200 };
const keys = z.string().max(1_024).default("");

const attachQuery = z.object({
  stream: flag,
  stdin: flag,
  stdout: flag,
  stderr: flag,
  logs: flag,
  detachKeys: keys,
});
type AttachCall = Call<z.output<typeof attachQuery>, unknown>;

/** Connects the client with the container: by Docker's own upgrade, or as a WebSocket, whose output is never framed. */
async function attach(call: AttachCall, isWebSocket: boolean): Promise<Answer> {
  const { session, params, query, hijack } = call;
  const container = session.containers.find(params.id ?? "");
  const { order } = container.record;
  if (container.state.status === "paused") {
    throw new EngineError(409, "Container is paused. Unpause the container before attach");
  }
  const detachKeys = order.tty ? new DetachKeys(parseDetachKeys(query.detachKeys)) : null;
  const framed = !order.tty && !isWebSocket;
  const connection = isWebSocket ? await hijack().beginWebSocket() : hijack().begin(framed);
  // Who names none of the three, as podman's clients may, means what comes out.
  const none = !query.stdin && !query.stdout && !query.stderr;
  const streams = new Set<Stream>([
    ...(query.stdout || none ? (["stdout"] as const) : []),
    ...(query.stderr || none ? (["stderr"] as const) : []),
  ]);
  if (query.logs) await sendLog(container, session, streams, framed, connection);
  if (!query.stream) {
    connection.end();
    return hijacked;
  }
  const attachment = bridge(connection, {
    multiplexed: framed,
    stdin: query.stdin && order.stdin.open,
    streams,
    endsInput: order.stdin.once && !order.tty,
    detachKeys,
    left: () => container.event("detach"),
  });
  await container.attach(attachment);
  container.event("attach");
  return hijacked;
}

export const attachRoutes = [
  route({
    method: "POST",
    path: "/containers/{id}/attach",
    query: attachQuery,
    handle: (call) => attach(call, false),
  }),
  route({
    method: "GET",
    path: "/containers/{id}/attach/ws",
    query: attachQuery,
    handle: (call) => attach(call, true),
  }),
  route({
    method: "POST",
    path: "/containers/{id}/resize",
    query: z.object({ h: integer, w: integer }),
    async handle({ session, params, query }) {
      const container = session.containers.find(params.id ?? "");
      await container.resize(sizeOf(query));
      return resized;
    },
  }),
];

export function sizeOf({ h, w }: { h?: number | undefined; w?: number | undefined }): {
  rows: number;
  cols: number;
} {
  const side = (value: number | undefined) => Math.min(Math.max(value ?? 0, 0), 1_000);
  return { rows: side(h), cols: side(w) };
}

async function sendLog(
  { id }: SessionContainer,
  session: SessionHost,
  streams: ReadonlySet<Stream>,
  framed: boolean,
  connection: Duplex,
): Promise<void> {
  for await (const records of readLog(filesOf(session.disk, id).log)) {
    for (const { stream, data } of records) {
      if (!streams.has(stream) || connection.destroyed) continue;
      if (!connection.write(framed ? frame(stream, data) : data)) await drained(connection);
    }
    if (connection.destroyed) return;
  }
}

const text = z.string().max(65_536);
const execBodySchema = z.looseObject({
  Cmd: z.array(text).max(4_096).nullish(),
  Env: z.array(text).max(4_096).nullish(),
  WorkingDir: text.nullish(),
  User: text.nullish(),
  Tty: z.boolean().nullish(),
  AttachStdin: z.boolean().nullish(),
  AttachStdout: z.boolean().nullish(),
  AttachStderr: z.boolean().nullish(),
  Privileged: z.boolean().nullish(),
  DetachKeys: z.string().max(1_024).nullish(),
  // As docker-py writes it.
  detachKeys: z.string().max(1_024).nullish(),
});
type ExecBody = z.output<typeof execBodySchema>;

const detachKeysOf = ({ DetachKeys, detachKeys }: ExecBody): string => DetachKeys || detachKeys || "";

export const execRoutes = [
  route({
    method: "POST",
    path: "/containers/{id}/exec",
    body: execBodySchema,
    async handle({ session, params, body }) {
      const container = session.containers.find(params.id ?? "");
      const args = body.Cmd ?? [];
      if (args.length === 0) throw new EngineError(400, "No exec command specified");
      if (body.Privileged) throw new EngineError(403, "Privileged processes are not allowed in a session.");
      if (container.state.status === "paused") {
        throw new EngineError(409, `Container ${container.id} is paused, unpause the container before exec`);
      }
      parseDetachKeys(detachKeysOf(body));
      const exec = session.containers.execs.create(container, {
        args,
        env: body.Env ?? [],
        workingDirectory: body.WorkingDir || null,
        user: body.User ?? "",
        tty: body.Tty ?? false,
        stdin: body.AttachStdin ?? false,
        asked: body,
      });
      return json({ Id: exec.id }, 201);
    },
  }),
  route({
    method: "POST",
    path: "/exec/{id}/start",
    body: z.looseObject({
      Detach: z.boolean().nullish(),
      Tty: z.boolean().nullish(),
      ConsoleSize: z.tuple([z.number().int(), z.number().int()]).nullish(),
    }),
    async handle({ session, params, body, hijack }) {
      const { execs } = session.containers;
      const exec = execs.find(params.id ?? "");
      const { container } = exec;
      const [rows, cols] = body.ConsoleSize ?? [24, 80];
      const size = { rows: rows || 24, cols: cols || 80 };
      if (exec.hasStarted) throw new EngineError(409, `exec ${exec.id} has already run`);
      const asked = exec.order.asked as ExecBody;
      if (body.Detach) {
        await exec.start(null, size);
        execs.forgetLater(exec);
        return { kind: "empty", status: 200 };
      }
      // A client that is let in hears of a failure in the stream, which has its own way to say so.
      // Whether its output is framed is this request's to say, whatever the process has.
      const isFramed = !body.Tty;
      const connection = hijack().begin(isFramed);
      const streams = new Set<Stream>([
        ...(asked.AttachStdout ? (["stdout"] as const) : []),
        ...(asked.AttachStderr ? (["stderr"] as const) : []),
      ]);
      const attachment = bridge(connection, {
        multiplexed: isFramed,
        stdin: exec.order.stdin,
        streams,
        endsInput: true,
        settled: () => exec.ended(),
        detachKeys: exec.order.tty ? new DetachKeys(parseDetachKeys(detachKeysOf(asked))) : null,
        left: () => container.event("exec_detach", { execID: exec.id }),
      });
      try {
        await exec.start(attachment, size);
      } catch (error) {
        const said = Buffer.from(`${error instanceof Error ? error.message : "exec failed"}\r\n`);
        connection.end(isFramed ? frame("stderr", said) : said);
      }
      execs.forgetLater(exec);
      return hijacked;
    },
  }),
  route({
    method: "POST",
    path: "/exec/{id}/resize",
    query: z.object({ h: integer, w: integer }),
    async handle({ session, params, query }) {
      session.containers.execs.find(params.id ?? "").resize(sizeOf(query));
      return resized;
    },
  }),
  route({
    method: "GET",
    path: "/exec/{id}/json",
    async handle({ session, params }) {
      const exec = session.containers.execs.find(params.id ?? "");
      const { order, container } = exec;
      const [entrypoint, ...args] = order.args;
      return json({
        ID: exec.id,
        Running: exec.isRunning,
        ExitCode: exec.exitCode,
        ProcessConfig: {
          tty: order.tty,
          entrypoint,
          arguments: args,
          privileged: false,
          ...(order.user === "" ? {} : { user: order.user }),
        },
        OpenStdin: order.stdin,
        OpenStderr: (order.asked as ExecBody).AttachStderr ?? false,
        OpenStdout: (order.asked as ExecBody).AttachStdout ?? false,
        CanRemove: exec.exitCode !== null,
        ContainerID: container.id,
        DetachKeys: detachKeysOf(order.asked as ExecBody),
        Pid: exec.isRunning ? (exec.pid ?? 0) : 0,
      });
    },
  }),
];
