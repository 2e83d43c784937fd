import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { Readable } from "node:stream";
import { promisify } from "node:util";
import { extract } from "tar-stream";
import { z } from "zod";
import type { BuiltImage } from "./built-image-fixture.ts";
import type { ConformanceCase } from "./case-fixture.ts";
import type { DockerDaemon } from "./docker-fixture.ts";
import { readLayers } from "./file-tree-fixture.ts";

const savedSchema = z.array(z.object({ Config: z.string(), Layers: z.array(z.string()) })).length(1);

/** Gives the daemon an image of an OCI image layout, under the same name. */
export async function loadImage(daemon: DockerDaemon, layout: string, name: string): Promise<void> {
  const archive = path.join(daemon.root, "load.tar");
  const tagged = name.includes(":") ? name : `${name}:latest`;
  const full = `docker.io/library/${tagged}`;
  const target = `docker-archive:${archive}:${tagged}`;
  await promisify(execFile)("skopeo", [
    "copy",
    "--quiet",
    "--insecure-policy",
    `oci:${layout}:${full}`,
    target,
  ]);
  await daemon.must(["load", "--quiet", "--input", archive]);
  await rm(archive);
}

export type BuildOutcome =
  | { readonly image: BuiltImage }
  | { readonly exitCode: number | null; readonly message: string };

/** Builds a case with BuildKit. */
export async function buildWithDocker(
  daemon: DockerDaemon,
  of: ConformanceCase,
  context: string,
): Promise<BuildOutcome> {
  // There is no bridge, which is what BuildKit would use.
  const build = ["build", "--network=host"];
  if (of.baseDockerfile !== null) {
    const file = path.join(daemon.root, "base.Dockerfile");
    await writeFile(file, of.baseDockerfile);
    await daemon.must([...build, "--tag", of.baseName, "--file", file, context], { buildkit: true });
  }
  const args = [...build, "--tag", of.name];
  if (of.target !== undefined) args.push("--target", of.target);
  for (const [name, value] of Object.entries(of.buildArgs)) args.push("--build-arg", `${name}=${value}`);
  for (const [id, secret] of Object.entries(of.secrets)) {
    const file = path.join(daemon.root, `secret-${id}`);
    await writeFile(file, secret);
    args.push("--secret", `id=${id},src=${file}`);
  }
  const built = await daemon.run([...args, context], { buildkit: true });
  if (built.status === 0) return { image: await saved(daemon, of.name) };
  const exitCode = /exit code: (\d+)/.exec(built.stderr)?.[1];
  return { exitCode: exitCode === undefined ? null : Number(exitCode), message: built.stderr.trim() };
}

/** Reads an image as `docker save` writes it. */
export async function saved(daemon: DockerDaemon, name: string): Promise<BuiltImage> {
  const { stdout } = await daemon.must(["save", name]);
  const files = new Map<string, Buffer>();
  const links = new Map<string, string>();
  const extraction = extract();
  Readable.from([stdout], { objectMode: false }).pipe(extraction as unknown as NodeJS.WritableStream);
  for await (const item of extraction) {
    const chunks: Uint8Array[] = [];
    for await (const chunk of item as unknown as AsyncIterable<Uint8Array>) chunks.push(chunk);
    const { header } = item;
    files.set(header.name, Buffer.concat(chunks));
    // A layer that an image has twice is there once.
    if (header.type === "symlink") {
      links.set(header.name, path.posix.join(path.posix.dirname(header.name), header.linkname ?? ""));
    }
  }
  const file = (path_: string): Buffer => {
    const found = files.get(links.get(path_) ?? path_);
    if (!found) throw new Error(`docker save left out ${path_}`);
    return found;
  };
  const [manifest] = savedSchema.parse(JSON.parse(file("manifest.json").toString()));
  const layers = manifest?.Layers.map((layer) => Readable.from([file(layer)], { objectMode: false })) ?? [];
  return { config: JSON.parse(file(manifest?.Config ?? "").toString()), tree: await readLayers(layers) };
}
