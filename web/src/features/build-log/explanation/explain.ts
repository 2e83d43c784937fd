import type { WireError } from "@slipway/protocol";
import type { ExplanationKind } from "../../../ui/messages/explanations.ts";
import { ofOutput } from "./output-rules.ts";

/** What a failure is judged by: all of it comes from the build, and part of it from programs that nobody knows. */
export interface Failure {
  readonly error: Pick<WireError, "code" | "params">;
  readonly exitCode: number | null;
  /** The end of what the step printed, without colours. */
  readonly lastLines: readonly string[];
  /** The instruction as it is written, on one line; null for a failure of no step. */
  readonly instruction: string | null;
}

/** A failure that is known, with the words that its sentences name. */
export interface Explanation {
  readonly kind: ExplanationKind;
  readonly name: string;
  /** Of a rule of `.dockerignore`. */
  readonly rule?: string;
  readonly line?: string;
  /** Of a stage that something is copied from. */
  readonly stage?: string;
}

/** Longest name that a sentence takes. */
const NAME_CHARACTERS = 200;

/** The plain explanation of a failure, or null for one that only its own words can explain. */
export function explain(failure: Failure): Explanation | null {
  const found = ofError(failure) ?? ofLimit(failure) ?? ofOutput(failure) ?? ofExitCode(failure);
  return found && { ...found, name: found.name.slice(0, NAME_CHARACTERS) };
}

const text = (value: unknown): string => (value === undefined || value === null ? "" : String(value));

/** What the typed error says by itself. */
function ofError({ error, instruction }: Failure): Explanation | null {
  const { code, params } = error;
  const path = text(params.path);
  switch (code) {
    case "copy-source-outside":
      return { kind: "copy-outside", name: path };
    case "copy-source-missing":
      return missingSource(params, path, instruction ?? "");
    case "base-image-missing":
      return missingImage(text(params.reference), text(params.tried), instruction ?? "");
    case "registry-unauthorized":
      return { kind: "login-needed", name: text(params.reference ?? params.registry) };
    case "stage-missing":
      return { kind: "target-unknown", name: text(params.target ?? params.stage) };
    case "user-unknown":
      return { kind: "user-unknown", name: text(params.user ?? params.name) };
    case "secret-missing":
      return { kind: "secret-missing", name: text(params.id) };
    case "dockerfile-invalid":
    case "instruction-unsupported":
      return { kind: "dockerfile-syntax", name: "" };
    case "command-not-found":
      return notStarted(text(params.command), instruction ?? "");
    case "fetch-failed":
      return params.reason === "unreachable"
        ? { kind: "name-lookup", name: text(params.source) }
        : { kind: "download-missing", name: text(params.source) };
    case "build-timeout":
      return { kind: "timeout", name: "" };
    case "build-disk-full":
      return { kind: "disk-full", name: "" };
    default:
      return null;
  }
}

const fromFlag = (instruction: string): string => /\s--from=(\S+)/i.exec(instruction)?.[1] ?? "";

function missingSource(params: WireError["params"], path: string, instruction: string): Explanation {
  if (params.reason === "ignored") {
    return { kind: "copy-ignored", name: path, rule: text(params.rule), line: text(params.line) };
  }
  const stage = fromFlag(instruction);
  return stage === ""
    ? { kind: "copy-missing", name: path }
    : { kind: "copy-missing-in-stage", name: path, stage };
}

const UNREACHABLE =
  /could not be reached|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ECONNRESET|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT|timed out/;

function missingImage(reference: string, tried: string, instruction: string): Explanation {
  const stage = fromFlag(instruction);
  if (stage !== "" && /^[\w.-]+$/.test(stage)) return { kind: "from-stage-unknown", name: stage };
  if (UNREACHABLE.test(tried)) return { kind: "image-unreachable", name: reference };
  const last = reference.slice(reference.lastIndexOf("/") + 1);
  return { kind: /[:@]/.test(last) ? "tag-unknown" : "image-unknown", name: reference };
}

/** A program that could not be started at all. */
function notStarted(command: string, instruction: string): Explanation {
  if (/^\/bin\/sh$/.test(command)) return { kind: "shell-missing", name: command };
  if (/\s/.test(command) && /^\w+\s+\[/.test(instruction)) return { kind: "json-form", name: command };
  return { kind: "program-missing", name: command };
}

/** A limit of the build that the kernel reports. */
function ofLimit({ error: { params } }: Failure): Explanation | null {
  if (params.limit === "memory") return { kind: "memory", name: "" };
  return params.limit === "pids" ? { kind: "processes", name: "" } : null;
}

/** 128 + SIGKILL. */
const KILLED = 137;

const ofExitCode = ({ exitCode }: Failure): Explanation | null =>
  exitCode === KILLED ? { kind: "killed", name: "" } : null;
