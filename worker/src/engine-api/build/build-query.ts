import { z } from "zod";
import { ARCHITECTURE, PLATFORM } from "../../builder/platform.ts";
import { isPlatform } from "../asked-platform.ts";
import { EngineError } from "../engine-error.ts";
import { readReference } from "../images/image-lookup.ts";
import { first, flag, flagUnlessFalse, integer, several } from "../query-values.ts";

/** Names of one build. */
const MOST_TAGS = 32;
/** Characters of a parameter that holds JSON. */
const MOST_JSON_CHARACTERS = 1024 * 1024;

const json = <Schema extends z.ZodType>(schema: Schema) =>
  z
    .string()
    .max(MOST_JSON_CHARACTERS)
    .optional()
    .transform((text, context): z.output<Schema> => {
      let value: unknown;
      try {
        value = text === undefined || text === "" ? undefined : JSON.parse(text);
      } catch {
        context.addIssue("is not JSON");
        return z.NEVER;
      }
      const parsed = schema.safeParse(value ?? undefined);
      if (parsed.success) return parsed.data;
      context.addIssue("does not have the form that it should");
      return z.NEVER;
    });

const strings = z.record(z.string().min(1).max(256), z.string().max(32_768).nullable()).default({});
/** The parameters of POST /build (Engine API reference, "Build an image"). */
export const buildQuerySchema = z.object({
  dockerfile: first.pipe(z.string().max(4096).default("Dockerfile")),
  t: several,
  extrahosts: several,
  remote: z.string().max(4096).default(""),
  q: flag,
  nocache: flag,
  /** Newer clients write `1`, the reference says `true`; both are a yes. */
  pull: flag,
  rm: flagUnlessFalse,
  forcerm: flag,
  memory: integer,
  memswap: integer,
  cpushares: integer,
  cpusetcpus: z.string().optional(),
  cpusetmems: z.string().optional(),
  cpuperiod: integer,
  cpuquota: integer,
  shmsize: integer,
  ulimits: z.string().optional(),
  cgroupparent: z.string().default(""),
  buildargs: json(strings),
  labels: json(strings),
  cachefrom: json(z.array(z.string()).max(64).default([])),
  squash: flag,
  networkmode: z.string().default(""),
  platform: z.string().max(256).default(""),
  target: z.string().max(256).default(""),
  outputs: z.string().default(""),
  version: z.string().default("1"),
  isolation: z.string().default(""),
});
export type BuildQuery = z.infer<typeof buildQuerySchema>;

export type CheckedBuild = ReturnType<typeof checkedBuild>;

/** What a build is to do, with all that can't be done refused. */
export function checkedBuild(query: BuildQuery) {
  if (query.version === "2") {
    throw new EngineError(400, "BuildKit is not served here; set DOCKER_BUILDKIT=0 for the classic builder.");
  }
  if (query.squash)
    throw new EngineError(400, "squash is only supported with experimental mode, which is off here.");
  if (query.outputs !== "" && query.outputs !== "null" && query.outputs !== "[]") {
    throw new EngineError(400, "A build here gives an image and no other output.");
  }
  if (!isPlatform(query.platform, { os: "linux", architecture: ARCHITECTURE })) {
    throw new EngineError(
      400,
      `A build for ${query.platform} can't be made here: this worker is ${PLATFORM}.`,
    );
  }
  if (query.t.length > MOST_TAGS) throw new EngineError(400, `A build has ${MOST_TAGS} names at most.`);
  if (query.networkmode.startsWith("container:")) {
    throw new EngineError(400, "A build can't have the network of a container.");
  }
  return {
    dockerfile: query.dockerfile,
    names: query.t.filter((name) => name !== "").map(checkedName),
    hosts: query.extrahosts
      .flatMap((list) => list.split(","))
      .filter((entry) => entry !== "")
      .map(hostLine),
    buildArgs: withoutNull(query.buildargs),
    labels: withoutNull(query.labels),
    cacheFrom: query.cachefrom.filter((name) => name !== ""),
    cpus: query.cpuquota && query.cpuquota > 0 ? query.cpuquota / (query.cpuperiod || 100_000) : null,
    memoryBytes: query.memory && query.memory > 0 ? query.memory : null,
  };
}

function checkedName(text: string): string {
  const reference = readReference(text);
  if (reference.digest !== null)
    throw new EngineError(400, "refusing to create a tag with a digest reference");
  return reference.full;
}

/** `name:address` or `name=address` as a line of /etc/hosts. */
function hostLine(entry: string): string {
  const match = /^([A-Za-z0-9._-]{1,253})[:=]\[?([0-9a-fA-F.:]{2,45})\]?$/.exec(entry);
  if (!match) throw new EngineError(400, `invalid extra host: ${entry.slice(0, 300)}`);
  return `${match[2]}\t${match[1]}`;
}

/** A null stands for a value of the client's own environment that it does not have. */
function withoutNull(values: Readonly<Record<string, string | null>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, value]])),
  );
}
