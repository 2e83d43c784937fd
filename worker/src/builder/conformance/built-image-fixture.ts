import { z } from "zod";
import { changes, type FileTree } from "./file-tree-fixture.ts";

/** What a builder made of a case. */
export interface BuiltImage {
  readonly config: unknown;
  readonly tree: FileTree;
}

const configSchema = z.looseObject({
  architecture: z.string(),
  os: z.string(),
  config: z.record(z.string(), z.unknown()).nullish(),
  history: z
    .array(z.looseObject({ created_by: z.string().optional(), empty_layer: z.boolean().optional() }))
    .nullish(),
  rootfs: z.object({ diff_ids: z.array(z.string()) }),
});

/** An image in a form that can be compared and read. */
export interface Summary {
  /** What is other than in the base image, by path. */
  readonly files: Readonly<Record<string, string>>;
  /** The execution parameters that are set. */
  readonly config: Readonly<Record<string, unknown>>;
  /** created_by of each step; "(no layer)" comes first where it has none. */
  readonly history: readonly string[];
}

/** Fields that say nothing of how a container runs, or that a daemon fills in where the image has none. */
const UNCOMPARED = new Set(["Hostname", "Domainname", "Image", "ArgsEscaped"]);

export function summarize(image: BuiltImage, base: FileTree, startedSeconds: number): Summary {
  const parsed = configSchema.parse(image.config);
  const history = parsed.history ?? [];
  const withLayer = history.filter(({ empty_layer: empty }) => empty !== true).length;
  const layers = parsed.rootfs.diff_ids.length;
  return {
    files: changes(base, image.tree, startedSeconds),
    config: Object.fromEntries(
      Object.entries(parsed.config ?? {})
        .filter(([name, value]) => !UNCOMPARED.has(name) && !isNothing(value))
        .sort(([left], [right]) => left.localeCompare(right)),
    ),
    history: [
      ...history.map(
        ({ created_by: text = "", empty_layer: empty }) => `${empty ? "(no layer) " : ""}${text}`,
      ),
      // Image spec: one layer per entry that is not marked as empty.
      ...(withLayer === layers || history.length === 0
        ? []
        : [`${layers} layers, ${withLayer} in the history`]),
    ],
  };
}

/** Docker writes null, "" or an empty list for what is not set, as the mood takes it. */
function isNothing(value: unknown): boolean {
  if (value === null || value === undefined || value === "" || value === false) return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}

export interface Difference {
  /** `files /etc/x`, `config Cmd`, `history 3` */
  readonly key: string;
  readonly is: string;
  readonly wanted: string;
}

export function differences(actual: Summary, expected: Summary): Difference[] {
  const left = flatten(actual);
  const right = flatten(expected);
  const keys = [...new Set([...left.keys(), ...right.keys()])];
  return keys
    .map((key) => ({ key, is: left.get(key) ?? "nothing", wanted: right.get(key) ?? "nothing" }))
    .filter(({ is, wanted }) => is !== wanted);
}

function flatten({ files, config, history }: Summary): Map<string, string> {
  return new Map([
    ...Object.entries(files).map(([name, line]) => [`files ${name}`, line] as const),
    ...Object.entries(config).map(
      ([name, value]) => [`config ${name}`, JSON.stringify(sorted(value))] as const,
    ),
    ...history.map((line, index) => [`history ${index}`, line] as const),
  ]);
}

/** Maps have no order; lists, such as Env, have one. */
function sorted(value: unknown): unknown {
  if (value === null || typeof value !== "object" || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([left], [right]) => left.localeCompare(right)));
}
