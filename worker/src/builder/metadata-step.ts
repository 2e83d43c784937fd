import path from "node:path";
import {
  type ArgInstruction,
  argValue,
  type Command,
  type ExposeInstruction,
  expandWords,
  type Instruction,
  type Pair,
} from "@slipway/dockerfile";
import { type CacheMiss, SlipwayError } from "@slipway/protocol";
import { digestOf } from "../content/digest.ts";
import type { BuildRun } from "./build-run.ts";
import { quotedHealthcheck, quotedList } from "./go-format.ts";
import { healthcheckOf, stopSignal } from "./metadata-values.ts";
import type { Stage } from "./stage.ts";

/** Ports that one EXPOSE may name, ranges counted in full. */
const MAX_PORTS = 1000;

/** Instructions that change the image's config and no files. */
export type MetadataInstruction = Exclude<Instruction, { kind: "from" | "run" | "copy" | "add" | "workdir" }>;

/** Carries out an instruction that only changes the config. Such steps have no layer and are never waited for. */
export function metadataStep(
  run: BuildRun,
  stage: Stage,
  { step, index }: { readonly step: number; readonly index: number },
  instruction: MetadataInstruction,
): void {
  const text = applyInstruction(run, stage, instruction);
  const definition = `${instruction.kind} ${text ?? instruction.text}`;
  recordMetadata(run, stage, { step, index }, { definition, text });
}

/** Puts such a step into record and history; `text` is its created_by, null where BuildKit writes none. */
export function recordMetadata(
  run: BuildRun,
  stage: Stage,
  { step, index }: { readonly step: number; readonly index: number },
  { definition, text }: { readonly definition: string; readonly text: string | null },
): void {
  const { isUnchanged, miss } = stage.record.explain(index, {
    definition: digestOf(definition),
    files: null,
    key: null,
  });
  stage.record.done(index);
  if (text !== null) stage.history.push({ kind: "metadata", text });
  const { noCache } = run.job;
  if (isUnchanged && !noCache && !stage.missed) {
    run.emit({ type: "step-cached", step, hit: "unchanged" });
    return;
  }
  const inherited: CacheMiss = stage.missed ? { reason: "parent-missed" } : miss;
  run.emit({
    type: "step-started",
    step,
    miss: noCache ? { reason: "no-cache" } : inherited,
    shared: false,
  });
  run.emit({ type: "step-finished", step, durationMs: 0, bytesAdded: 0, filesChanged: 0 });
}

/** Changes the config; the result is the history's created_by, null where BuildKit writes none. */
function applyInstruction(run: BuildRun, stage: Stage, instruction: MetadataInstruction): string | null {
  const { config } = stage;
  switch (instruction.kind) {
    case "env":
      return `ENV ${setPairs(run, stage, instruction.pairs, config.env, stage.variables)}`;
    case "label":
      return `LABEL ${setPairs(run, stage, instruction.pairs, config.labels)}`;
    case "expose":
      return expose(run, stage, instruction);
    case "user":
      config.user = run.expand(stage, instruction.user);
      return `USER ${config.user}`;
    case "volume": {
      const volumes = instruction.paths.map((volume) => run.expand(stage, volume));
      for (const volume of volumes) config.volumes.add(volume);
      return `VOLUME [${volumes.join(" ")}]`;
    }
    case "shell":
      config.shell = instruction.shell;
      return `SHELL [${instruction.shell.join(" ")}]`;
    case "cmd":
      config.cmd = commandOf(stage, instruction.command);
      stage.cmdIsOwn = true;
      return `CMD ${quotedList(config.cmd)}`;
    case "entrypoint":
      config.entrypoint = commandOf(stage, instruction.command);
      // An inherited CMD was made for another entrypoint.
      if (!stage.cmdIsOwn) config.cmd = null;
      return `ENTRYPOINT ${quotedList(config.entrypoint)}`;
    case "arg":
      return declareArgs(run, stage, instruction);
    case "maintainer":
      config.author = instruction.maintainer;
      return `MAINTAINER ${instruction.maintainer}`;
    case "onbuild":
      config.onbuild = [...config.onbuild, instruction.trigger];
      return null;
    case "stopsignal":
      config.stopSignal = stopSignal(run.expand(stage, instruction.signal));
      return `STOPSIGNAL ${config.stopSignal}`;
    case "healthcheck":
      config.healthcheck = healthcheckOf(instruction);
      return `HEALTHCHECK ${quotedHealthcheck(config.healthcheck)}`;
  }
}

/** All values are expanded with what was set before the instruction. */
function setPairs(
  run: BuildRun,
  stage: Stage,
  pairs: readonly Pair[],
  ...targets: readonly Map<string, string>[]
): string {
  const expanded = pairs.map(({ key, value }) => [run.expand(stage, key), run.expand(stage, value)] as const);
  for (const target of targets) for (const [key, value] of expanded) target.set(key, value);
  return expanded.map(([key, value]) => `${key}=${value}`).join(" ");
}

function commandOf(stage: Stage, command: Command): string[] {
  return command.form === "exec" ? [...command.args] : [...stage.config.shell, command.script];
}

function declareArgs(run: BuildRun, stage: Stage, { args }: ArgInstruction): string {
  const shown = args.map(({ name, value }) => {
    const expanded = argValue({ name, value }, run.job.plan, (text) => run.expand(stage, text));
    stage.args.set(name, expanded ?? null);
    if (expanded !== undefined) stage.variables.set(name, expanded);
    return expanded === undefined ? name : `${name}=${expanded}`;
  });
  return `ARG ${shown.join(" ")}`;
}

function expose(run: BuildRun, stage: Stage, instruction: ExposeInstruction): string {
  const words = instruction.ports.flatMap((port) =>
    run.expanding(port, () => expandWords(port, stage.variables, run.job.escape)),
  );
  const ports = words.flatMap(parsePorts);
  if (ports.length > MAX_PORTS) throw badPort(words.join(" "));
  for (const port of ports) stage.config.exposedPorts.add(port);
  return `EXPOSE map[${[...new Set(ports)]
    .sort()
    .map((port) => `${port}:{}`)
    .join(" ")}]`;
}

/** `80`, `80/udp`, `3000-3005`; a host port before a colon means nothing to an image. */
function parsePorts(word: string): string[] {
  const match = /^(?:[0-9.-]*:)*(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(word);
  const first = Number(match?.[1]);
  const last = Number(match?.[2] ?? first);
  if (!match || first < 1 || last < first || last > 65_535) throw badPort(word);
  const protocol = (match[3] ?? "tcp").toLowerCase();
  const count = Math.min(last - first, MAX_PORTS) + 1;
  return Array.from({ length: count }, (_, offset) => `${first + offset}/${protocol}`);
}

function badPort(word: string): SlipwayError {
  const shown = word.slice(0, 200);
  return new SlipwayError("dockerfile-invalid", `"${shown}" is not a port.`, { params: { port: shown } });
}

/** The path that WORKDIR sets: relative ones start at the one before. */
export function workingDirectory(before: string, written: string): string {
  return path.posix.resolve(before || "/", written);
}
