import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { type Digest, digestSchema, SlipwayError } from "@slipway/protocol";
import { errnoOf, writeFileAtomically } from "../content/atomic-file.ts";
import { type Descriptor, type ImageIndex, imageIndexSchema, MEDIA_TYPE_INDEX } from "../oci/image-spec.ts";

/** image-layout.md: the annotation that gives an entry of index.json its name. */
const REF_NAME = "org.opencontainers.image.ref.name";
/** Says that what the entry names is never collected. */
const KEEP = "slipway.keep";

/** What the registry gave for the name: digest of a manifest or of an index that led to it. */
const SOURCE = "slipway.source";
/** Says that the image was had with a login. */
const PRIVATE = "slipway.private";

/** What a pull knows of the name that it gives. */
export interface PulledFrom {
  /** What the name meant in the registry: digest of a manifest, or of the index that led to it. */
  readonly source: Digest;
  /** True when the image was had with a login, so that others need rights of their own to use it. */
  readonly private: boolean;
}

export const pulledAnnotations = (from: PulledFrom): Record<string, string> => ({
  [SOURCE]: from.source,
  ...(from.private && { [PRIVATE]: "true" }),
});

/** Null for an entry that no pull made. */
export function pulledFrom(descriptor: Descriptor | null): PulledFrom | null {
  const source = digestSchema.safeParse(descriptor?.annotations?.[SOURCE]);
  if (!source.success) return null;
  return { source: source.data, private: descriptor?.annotations?.[PRIVATE] === "true" };
}

/** The annotations of an entry whose image is never collected. */
export const KEPT = { [KEEP]: "true" } as const;

export const isKept = (descriptor: Descriptor | null): boolean =>
  descriptor?.annotations?.[KEEP] === KEPT[KEEP];

/** One writing of the file, and the changes that it makes. */
interface Writing {
  readonly changes: ((entries: Map<string, Descriptor>) => void)[];
  readonly written: Promise<void>;
}

/**
 * `index.json` of an OCI image layout: which reference names which manifest. Changes are made one after the other, and
 * each is durable before it is seen.
 */
export class IndexFile {
  readonly #file: string;
  readonly #temporary: string;
  #entries: ReadonlyMap<string, Descriptor>;
  #last: Promise<unknown> = Promise.resolve();
  /** The writing that has not begun. */
  #next: Writing | null = null;

  private constructor(directory: string, entries: ReadonlyMap<string, Descriptor>) {
    this.#file = path.join(directory, "index.json");
    this.#temporary = path.join(directory, "ingest");
    this.#entries = entries;
  }

  static async open(directory: string): Promise<IndexFile> {
    await mkdir(path.join(directory, "ingest"), { recursive: true, mode: 0o700 });
    return new IndexFile(directory, await readEntries(path.join(directory, "index.json")));
  }

  get(name: string): Descriptor | null {
    return this.#entries.get(name) ?? null;
  }

  names(): string[] {
    return [...this.#entries.keys()].sort();
  }

  /** All names with what they mean. */
  entries(): ReadonlyMap<string, Descriptor> {
    return this.#entries;
  }

  set(name: string, descriptor: Descriptor): Promise<void> {
    return this.#change((entries) => {
      // A build that changed nothing gives its image the name that it has, unless that is being taken away.
      if (!meansTheSame(entries.get(name), descriptor)) entries.set(name, descriptor);
    });
  }

  /** False when there is no such name, or `onlyWhen` says no to what it means by then. */
  remove(name: string, onlyWhen: (descriptor: Descriptor) => boolean = () => true): Promise<boolean> {
    return this.#change((entries) => {
      const descriptor = entries.get(name);
      return descriptor !== undefined && onlyWhen(descriptor) && entries.delete(name);
    });
  }

  /** Changes that come while the file is written wait for one more writing, which they share. */
  #change<Result>(change: (entries: Map<string, Descriptor>) => Result): Promise<Result> {
    this.#next ??= this.#writeNext();
    const { changes, written } = this.#next;
    const result: { value?: Result } = {};
    changes.push((entries) => {
      result.value = change(entries);
    });
    return written.then(() => result.value as Result);
  }

  #writeNext(): Writing {
    const changes: Writing["changes"] = [];
    const written = this.#last.then(async () => {
      this.#next = null;
      const entries = new Map(this.#entries);
      for (const change of changes) change(entries);
      if (isSame(this.#entries, entries)) return;
      await this.#write(entries);
      this.#entries = entries;
    });
    this.#last = written.catch(() => undefined);
    return { changes, written };
  }

  async #write(entries: ReadonlyMap<string, Descriptor>): Promise<void> {
    const index: ImageIndex = {
      schemaVersion: 2,
      mediaType: MEDIA_TYPE_INDEX,
      manifests: [...entries].map(([name, descriptor]) => ({
        ...descriptor,
        annotations: { ...descriptor.annotations, [REF_NAME]: name },
      })),
    };
    await writeFileAtomically(this.#file, `${JSON.stringify(index, null, 2)}\n`, this.#temporary);
  }
}

function isSame(left: ReadonlyMap<string, Descriptor>, right: ReadonlyMap<string, Descriptor>): boolean {
  return left.size === right.size && [...left].every(([name, descriptor]) => right.get(name) === descriptor);
}

/** True if the name means that already, with the same notes. */
function meansTheSame(named: Descriptor | undefined, { digest, annotations }: Descriptor): boolean {
  return named?.digest === digest && notesOf(named.annotations) === notesOf(annotations);
}

function notesOf(annotations: Descriptor["annotations"]): string {
  const notes = Object.entries(annotations ?? {}).filter(([name]) => name !== REF_NAME);
  return JSON.stringify(notes.sort());
}

async function readEntries(file: string): Promise<ReadonlyMap<string, Descriptor>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (errnoOf(error) === "ENOENT") return new Map();
    throw error;
  }
  const parsed = imageIndexSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    throw new SlipwayError("store-corrupt", `${file} is not an OCI image index.`, {
      params: { file },
      cause: parsed.error,
    });
  }
  return new Map(
    parsed.data.manifests.flatMap((descriptor) => {
      const name = descriptor.annotations?.[REF_NAME];
      return name === undefined ? [] : [[name, descriptor] as const];
    }),
  );
}

/** Undefined for text that is no JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
