import { trimSpace } from "./characters.ts";
import { parseDuration } from "./duration.ts";
import type { InstructionContext } from "./instruction-context.ts";
import type {
  CmdInstruction,
  Command,
  EntrypointInstruction,
  HealthcheckInstruction,
  MountFlag,
  RunInstruction,
  ShellInstruction,
} from "./instructions.ts";
import { suggest } from "./keywords.ts";
import { MountError } from "./mount.ts";
import { mountFrom, readMount } from "./mount-reader.ts";

/** The JSON form, or text for the shell; null with a diagnostic. */
function readCommand(context: InstructionContext, text: string): Command | null {
  const json = context.json(text);
  if (json === null) return null;
  if (json.form === "json") return { form: "exec", args: json.items };
  return { form: "shell", script: text, hereDocuments: context.line.hereDocuments };
}

export function readCmd(context: InstructionContext): CmdInstruction | null {
  const command = readCommand(context, context.rest);
  return command && { ...context.written, kind: "cmd", command };
}

export function readEntrypoint(context: InstructionContext): EntrypointInstruction | null {
  const command = readCommand(context, context.rest);
  return command && { ...context.written, kind: "entrypoint", command };
}

const NETWORKS = ["default", "none", "host"] as const;
const SECURITIES = ["sandbox", "insecure"] as const;

export function readRun(context: InstructionContext): RunInstruction | null {
  const command = readCommand(context, context.rest);
  const mounts = readMounts(context);
  const network = choice(context, "network", NETWORKS);
  const security = choice(context, "security", SECURITIES);
  if (command === null || mounts === null || network === null || security === null) return null;
  if (command.form === "exec" && command.args.length === 0) {
    return context.fail("argument-missing", "RUN needs a command.");
  }
  if (context.flags.all("device").length > 0) {
    return context.fail(
      "flag-unsupported",
      "RUN --device is not supported here.",
      context.flags.range("device"),
    );
  }
  return { ...context.written, kind: "run", command, mounts, network, security };
}

/** The flag's value, the first of those it may have where it is not given, or null with a diagnostic. */
function choice<Value extends string>(
  context: InstructionContext,
  name: string,
  values: readonly [Value, ...Value[]],
): Value | null {
  const written = context.flags.text(name);
  if (written === null) return values[0];
  const found = values.find((value) => value === written);
  if (found !== undefined) return found;
  const near = suggest(written, values);
  const message = `${context.keyword} --${name} is one of ${values.join(", ")}, not "${written.slice(0, 64)}".`;
  context.diagnostics.error("flag-invalid", context.flags.range(name), message, near);
  return null;
}

function readMounts(context: InstructionContext): MountFlag[] | null {
  const mounts: MountFlag[] = [];
  for (const { value, range } of context.flags.all("mount")) {
    try {
      const mount = { text: value, from: mountFrom(value), range };
      // What holds no variables can be judged before the build.
      if (!/[$'"\\`]/.test(value)) readMount(mount, (text) => text);
      mounts.push(mount);
    } catch (error) {
      if (!(error instanceof MountError)) throw error;
      context.diagnostics.error("flag-invalid", range, `RUN --mount: ${error.message}.`, error.suggestion);
      return null;
    }
  }
  return mounts;
}

export function readShell(context: InstructionContext): ShellInstruction | null {
  const json = context.json();
  if (json === null) return null;
  if (json.form !== "json" || json.items.length === 0) {
    return context.fail("argument-invalid", 'SHELL takes the JSON form: SHELL ["/bin/bash", "-c"].');
  }
  return { ...context.written, kind: "shell", shell: json.items };
}

/** Shortest time of a health check: 1 ms (github.com/docker/docker/api/types/container.MinimumDuration). */
const MIN_NANOSECONDS = 1e6;
/** Largest number of retries: 31 bits. */
const MAX_RETRIES = 2 ** 31 - 1;
const NEVER = { interval: null, timeout: null, startPeriod: null, startInterval: null, retries: null };

export function readHealthcheck(context: InstructionContext): HealthcheckInstruction | null {
  const type = /^[^\t-\r ]+/.exec(context.rest)?.[0] ?? "";
  const rest = trimSpace(context.rest.slice(type.length));
  if (type.toUpperCase() === "NONE") {
    if (rest !== "") return context.fail("argument-invalid", "HEALTHCHECK NONE takes no arguments.");
    return { ...context.written, kind: "healthcheck", command: null, ...NEVER };
  }
  if (type.toUpperCase() !== "CMD") {
    const message = `HEALTHCHECK is followed by CMD or NONE, not by "${type.slice(0, 64)}".`;
    return context.failAt("argument-invalid", 0, type.length, message);
  }
  const command = readCommand(context, rest);
  const times = readTimes(context);
  if (command === null || times === null) return null;
  if (command.form === "exec" ? command.args.length === 0 : command.script === "") {
    return context.fail("argument-missing", "HEALTHCHECK CMD needs a command.");
  }
  return { ...context.written, kind: "healthcheck", command, ...times };
}

type Times = Pick<
  HealthcheckInstruction,
  "interval" | "timeout" | "startPeriod" | "startInterval" | "retries"
>;

function readTimes(context: InstructionContext): Times | null {
  let good = true;
  const duration = (name: string): number | null => {
    const written = context.flags.text(name);
    if (written === null) return null;
    const value = parseDuration(written);
    if (value !== null && (value === 0 || value >= MIN_NANOSECONDS)) return value;
    good = false;
    const message = `HEALTHCHECK --${name} takes a time of 1ms or more, such as 30s or 1m30s, not "${written.slice(0, 64)}".`;
    return context.fail("flag-invalid", message, context.flags.range(name));
  };
  const times = {
    interval: duration("interval"),
    timeout: duration("timeout"),
    startPeriod: duration("start-period"),
    startInterval: duration("start-interval"),
  };
  const written = context.flags.text("retries");
  const retries = written === null ? null : /^\+?\d+$/.test(written) ? Number(written) : Number.NaN;
  if (retries !== null && !(retries <= MAX_RETRIES)) {
    const message = `HEALTHCHECK --retries takes a number of 0 or more, not "${(written ?? "").slice(0, 64)}".`;
    return context.fail("flag-invalid", message, context.flags.range("retries"));
  }
  return good ? { ...times, retries } : null;
}
