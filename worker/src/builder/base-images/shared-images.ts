import { createHash } from "node:crypto";
import { once } from "node:events";
import { readdirSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";

const RECIPES = fileURLToPath(new URL("../../../../infra/images/", import.meta.url));
/** Another test run may make the same images at this moment. */
const LONGEST_WAIT_MS = 15 * 60_000;

/** One directory for each state of the recipes. */
function sharedImagesDirectory(): string {
  const hash = createHash("sha256");
  const files = readdirSync(RECIPES, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name !== "README.md")
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  for (const file of files) hash.update(path.relative(RECIPES, file)).update("\0").update(readFileSync(file));
  return path.join(tmpdir(), `slipway-test-images-${hash.digest("hex").slice(0, 8)}`);
}

/**
 * The directory where tests keep base images, so that each is made once on a machine, for `work` alone: no other test run
 * has it at the same time.
 */
export async function withSharedImages<Result>(
  work: (directory: string) => Promise<Result>,
): Promise<Result> {
  const directory = sharedImagesDirectory();
  const lock = await takeLock(`slipway-test-${path.basename(directory)}`);
  try {
    return await work(directory);
  } finally {
    lock.close();
  }
}

/** An abstract unix socket (unix(7)): the kernel lets go of it whatever happens to this process. */
async function takeLock(name: string): Promise<Server> {
  for (const deadline = Date.now() + LONGEST_WAIT_MS; ; ) {
    const server = createServer((socket) => socket.destroy());
    server.listen(`\0${name}`);
    try {
      await once(server, "listening");
      return server;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(500);
    }
  }
}
