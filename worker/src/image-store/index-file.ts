import { mkdir, readFile } from "node:fs/promises";
import path from "node:path";
import { SlipwayError } from "@slipway/protocol";
import { errnoOf, writeFileAtomically } from "../content/atomic-file.ts";
import { type Descriptor, type ImageIndex, imageIndexSchema, MEDIA_TYPE_INDEX } from "../oci/image-spec.ts";

/** image-layout.md: the annotation that gives an entry of index.json its name. */
const REF_NAME = "org.opencontainers.image.ref.name";

/**
 * `index.json` of an OCI image layout: which reference names which manifest. Changes are made one after the other, and
 * each is durable before it is seen.
 */
export class IndexFile {
  readonly #file: string;
  readonly #temporary: string;
  #entries: ReadonlyMap<string, Descriptor>;
  #last: Promise<unknown> = Promise.resolve();

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

  set(name: string, descriptor: Descriptor): Promise<void> {
    const change = this.#last.then(async () => {
      const entries = new Map(this.#entries).set(name, descriptor);
      await this.#write(entries);
      this.#entries = entries;
    });
    this.#last = change.catch(() => undefined);
    return change;
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
