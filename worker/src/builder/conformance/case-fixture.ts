import { execFileSync } from "node:child_process";
import { lutimesSync } from "node:fs";
import { chmod, link, mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import path from "node:path";
import { gzipSync } from "node:zlib";
import { pack } from "tar-stream";
import { z } from "zod";

/** Time of every file of a context, seconds since the epoch; it tells what keeps its time from what is new. */
export const SOURCE_TIME_SECONDS = 1_700_000_000;
/** Of entries of the tars that ADD unpacks. */
const TAR_TIME_SECONDS = 1_600_000_000;

const mode = z
  .string()
  .regex(/^[0-7]{4}$/)
  .transform((text) => Number.parseInt(text, 8));

const tarEntrySchema = z.strictObject({
  path: z.string(),
  type: z.enum(["file", "directory", "symlink", "link"]).default("file"),
  content: z.string().default(""),
  target: z.string().optional(),
  mode: mode.default(0o644),
  uid: z.number().default(0),
  gid: z.number().default(0),
  /** Extended attributes by name, base64. */
  attributes: z.record(z.string(), z.string()).default({}),
});

const fileSchema = z.strictObject({
  path: z.string(),
  mode: mode.optional(),
  content: z.string().default(""),
  directory: z.boolean().default(false),
  symlink: z.string().optional(),
  /** Path of the file that this is another name of. */
  hardlink: z.string().optional(),
  /** The file is a tar with these entries. */
  tar: z.array(tarEntrySchema).optional(),
  compress: z.enum(["gzip", "bzip2", "xz"]).optional(),
});
type CaseFile = z.infer<typeof fileSchema>;

const caseSchema = z.strictObject({
  /** What the case is about, where its name does not say it all. */
  about: z.string().optional(),
  /** The context beside the Dockerfile, in order. */
  files: z.array(fileSchema).default([]),
  target: z.string().optional(),
  buildArgs: z.record(z.string(), z.string()).default({}),
  secrets: z.record(z.string(), z.string()).default({}),
  /** The build has to fail on both sides: `failed`, or `failed with exit code 7`. */
  fails: z.string().startsWith("failed").optional(),
  /** Why golden.json is compared with instead of Docker: what this Docker does not know yet, or does wrong. */
  golden: z.string().optional(),
  /** What the golden's files are told apart from. */
  base: z.enum(["busybox", "scratch"]).default("busybox"),
  /** Keys of differences that are kept on purpose, each with the reason. */
  except: z.record(z.string(), z.string()).default({}),
});

/** One Dockerfile with its context, which two builders build. */
export interface ConformanceCase extends z.infer<typeof caseSchema> {
  readonly name: string;
  readonly dockerfile: string;
  /** Dockerfile of an image that is built first and named `baseName`; null for none. */
  readonly baseDockerfile: string | null;
  readonly baseName: string;
  /** Null where there is no golden.json. */
  readonly expected: unknown;
}

/** All cases below a directory, by name. */
export async function readCases(directory: string): Promise<ConformanceCase[]> {
  const names = (await readdir(directory)).sort();
  return await Promise.all(names.map((name) => readCase(path.join(directory, name), name)));
}

async function readCase(directory: string, name: string): Promise<ConformanceCase> {
  const optional = (file: string) => readFile(path.join(directory, file), "utf8").catch(() => null);
  const golden = await optional("golden.json");
  return {
    ...caseSchema.parse(JSON.parse((await optional("case.json")) ?? "{}")),
    name,
    dockerfile: await readFile(path.join(directory, "Dockerfile"), "utf8"),
    baseDockerfile: await optional("base.Dockerfile"),
    baseName: `base-of-${name}`,
    expected: golden === null ? null : JSON.parse(golden),
  };
}

/** Writes the case's context into an empty directory. */
export async function writeContext({ dockerfile, files }: ConformanceCase, directory: string): Promise<void> {
  await writeFile(path.join(directory, "Dockerfile"), dockerfile);
  for (const file of files) await writeCaseFile(file, directory);
  const names = await readdir(directory, { recursive: true });
  for (const name of names) setTime(path.join(directory, name));
  setTime(directory);
}

function setTime(file: string): void {
  lutimesSync(file, SOURCE_TIME_SECONDS, SOURCE_TIME_SECONDS);
}

async function writeCaseFile(file: CaseFile, directory: string): Promise<void> {
  const full = path.join(directory, file.path);
  await mkdir(file.directory ? full : path.dirname(full), { recursive: true });
  if (file.symlink !== undefined) return await symlink(file.symlink, full);
  if (file.hardlink !== undefined) return await link(path.join(directory, file.hardlink), full);
  if (!file.directory) await writeFile(full, await contentOf(file));
  await chmod(full, file.mode ?? (file.directory ? 0o755 : 0o644));
}

async function contentOf({ content, tar, compress }: CaseFile): Promise<Uint8Array> {
  if (!tar) return Buffer.from(content);
  const packing = pack();
  for (const { attributes, target, ...entry } of tar) {
    const records = Object.entries(attributes).map(
      ([name, value]) => [`SCHILY.xattr.${name}`, Buffer.from(value, "base64").toString("latin1")] as const,
    );
    const header = {
      name: entry.path,
      type: entry.type,
      mode: entry.mode,
      uid: entry.uid,
      gid: entry.gid,
      mtime: new Date(TAR_TIME_SECONDS * 1000),
      ...(target === undefined ? {} : { linkname: target }),
      ...(records.length === 0 ? {} : { pax: Object.fromEntries(records) }),
    };
    packing.entry(header, entry.type === "file" ? entry.content : "");
  }
  packing.finalize();
  const chunks: Uint8Array[] = [];
  // streamx declares its iterator without the type of the chunks; a tar's are bytes.
  for await (const chunk of packing as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
  const bytes = Buffer.concat(chunks);
  if (compress === undefined) return bytes;
  return compress === "gzip" ? gzipSync(bytes) : execFileSync(compress, { input: bytes });
}
