import { randomBytes } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import path from "node:path";
import { type WorkerId, workerIdSchema } from "@slipway/protocol";

/** The worker's identity, made once and kept with its images and sessions. */
export async function readWorkerId(directory: string): Promise<WorkerId> {
  const file = path.join(directory, "worker-id");
  const written = await readFile(file, "utf8").catch(() => null);
  if (written !== null) return workerIdSchema.parse(written.trim());
  const id = workerIdSchema.parse(`w${randomBytes(8).toString("hex")}`);
  await writeFile(`${file}.partial`, `${id}\n`, { mode: 0o600 });
  await rename(`${file}.partial`, file);
  return id;
}
