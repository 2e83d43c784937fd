import { spawn } from "node:child_process";
import path from "node:path";
import { createInterface } from "node:readline";
import type { ContentStore } from "../../content/content-store.ts";
import type { Image, ImageStore } from "../../image-store/image-store.ts";
import { MEDIA_TYPE_LAYER } from "../../oci/image-spec.ts";
import { ARCHITECTURE } from "../platform.ts";
import { imageAptSources, SUITE } from "./apt-sources.ts";
import { machineCertificates, writeCertificates } from "./certificates.ts";
import type { Recipe } from "./recipe.ts";

/** Largest root file system that a recipe may write. */
const MAX_ROOT_BYTES = 4 * 1024 ** 3;
const TIMEOUT_MS = 15 * 60_000;
/** Last lines that a failure quotes. */
const QUOTED_LINES = 5;

export interface RootFileSystemParts {
  readonly imageStore: ImageStore;
  readonly content: ContentStore;
  readonly extraCertificates: string | null;
}

/** Runs a recipe's program and makes an image of one layer of the tar that it writes. `directory` is its own. */
export async function makeRootFileSystem(
  recipe: Recipe & { kind: "root-file-system" },
  directory: string,
  tell: (line: string) => void,
  { imageStore, content, extraCertificates }: RootFileSystemParts,
): Promise<Image> {
  const certificates = path.join(directory, "certificates");
  const hasCertificates = await writeCertificates(machineCertificates(extraCertificates), certificates);
  const environment = {
    PATH: "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    TMPDIR: directory,
    SLIPWAY_SUITE: SUITE,
    SLIPWAY_APT_SOURCES: await imageAptSources("/etc/apt"),
    SLIPWAY_CERTIFICATES: hasCertificates ? certificates : "",
  };
  const program = path.join(recipe.directory, recipe.program);
  const child = spawn("/bin/sh", [program], {
    env: environment,
    stdio: ["ignore", "pipe", "pipe"],
    timeout: TIMEOUT_MS,
  });
  const lines: string[] = [];
  createInterface({ input: child.stderr }).on("line", (line) => {
    lines.push(line);
    tell(line);
    if (lines.length > QUOTED_LINES) lines.shift();
  });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const [blob, exitCode] = await Promise.all([
    content.ingest(child.stdout, { limitBytes: MAX_ROOT_BYTES }),
    ended,
  ]);
  if (exitCode !== 0) throw new Error(`${recipe.program} exited with ${exitCode}: ${lines.join(" / ")}`);
  const created = new Date().toISOString();
  return await imageStore.create(
    {
      created,
      architecture: ARCHITECTURE,
      os: "linux",
      config: recipe.config,
      rootfs: { type: "layers", diff_ids: [blob.digest] },
      history: [{ created, created_by: `slipway recipe ${recipe.name}` }],
    },
    [{ ...blob, diffId: blob.digest, mediaType: MEDIA_TYPE_LAYER }],
  );
}
