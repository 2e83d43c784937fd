import { closeSync, constants, openSync, readlinkSync } from "node:fs";
import { chmod, chown, mkdir, writeFile } from "node:fs/promises";
import path from "node:path";
import { mountBind, mountOverlay, mountTmpfs, openInRoot, unmount } from "@slipway/native";
import { SlipwayError } from "@slipway/protocol";
import { bytesOf } from "../../layer/name-bytes.ts";
import type { ContainerMount } from "../../runtime/runtime.ts";
import type { IdRange } from "../../snapshot/snapshotter.ts";
import type { BuildSpace } from "../build-space.ts";
import type { BuilderOptions } from "../builder.ts";
import type { DiskLook } from "../disk-look.ts";
import type { CacheMounts } from "./cache-mounts.ts";
import type { PlannedMount } from "./run-mounts.ts";
import { SocketDoor } from "./socket-door.ts";
import { writeFiles } from "./source-files.ts";
import { AGENT_SOCKET, SshAgent } from "./ssh-agent.ts";

/** Beside the secrets themselves. */
const SECRETS_OVERHEAD_BYTES = 1024 * 1024;
/** O_PATH of <fcntl.h> on Linux, which fs.constants does not have. */
const PATH_ONLY = 0o10000000;

export interface MounterOptions {
  readonly ids: IdRange;
  readonly slots: BuilderOptions["ids"];
  readonly caches: CacheMounts;
  /** The playground. */
  readonly owner: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly sshKeys: Readonly<Record<string, string>>;
  /** The step's own; nothing is left in it. */
  readonly directory: string;
  /** What is written into a mount of files counts as written by the step. */
  readonly space: BuildSpace;
  readonly signal: AbortSignal;
}

/** Makes the mounts of one RUN, for one container. `close` in any case, also when something rejected. */
export class Mounter {
  readonly mounts: ContainerMount[] = [];
  /** Variables that mounts bring along. */
  readonly env = new Map<string, string>();
  readonly #options: MounterOptions;
  readonly #undo: (() => Promise<unknown>)[] = [];
  readonly #looks: DiskLook[] = [];
  #places = 0;
  #agents = 0;

  constructor(options: MounterOptions) {
    this.#options = options;
  }

  /** Throws `build-disk-full` when a cache was full. */
  checkCaches(): void {
    if (this.#looks.some((look) => look.wasFull())) throw this.#options.caches.full();
  }

  /** Takes it all down again, the last first. Every part is tried, the first failure is thrown. */
  async close(): Promise<void> {
    const failures: unknown[] = [];
    for (const undo of this.#undo.reverse()) await undo().catch((error: unknown) => failures.push(error));
    this.#undo.length = 0;
    if (failures.length > 0) throw failures[0];
  }

  /** A file in a directory of its own, to be run: a here-document with an interpreter of its own. */
  async script(destination: string, name: string, content: string): Promise<void> {
    const directory = await this.#place();
    await writeFile(path.join(directory, name), content, { mode: 0o755 });
    const { firstHostId } = this.#options.ids;
    await chmod(path.join(directory, name), 0o755);
    for (const each of [path.join(directory, name), directory]) await chown(each, firstHostId, firstHostId);
    this.mounts.push(bind(directory, destination, ["ro", "nosuid", "nodev"]));
  }

  async add(planned: PlannedMount): Promise<void> {
    switch (planned.mount.type) {
      case "bind":
        return await this.#bind(planned);
      case "cache":
        return await this.#cache(planned);
      case "tmpfs":
        return this.#tmpfs(planned);
      case "secret":
        return await this.#secret(planned);
      case "ssh":
        return await this.#ssh(planned);
    }
  }

  async #bind({ mount, target, files, layers }: PlannedMount): Promise<void> {
    const { signal, ids, space } = this.#options;
    if (!files) throw new SlipwayError("internal", "A bind mount without files.");
    const merged = await this.#place();
    const home = await space.makeDirectory();
    this.#undo.push(() => space.removeDirectory(home));
    const upper = path.join(home, "upper");
    const work = path.join(home, "work");
    for (const each of [upper, work]) await mkdir(each, { mode: 0o755 });
    let inside = files.path;
    let lowers = layers;
    if (lowers === null) {
      const content = path.join(home, "files");
      await mkdir(content, { mode: 0o755 });
      inside = (await writeFiles(files, content, signal)) ?? "";
      lowers = [content];
    }
    // What is written to it goes with the step.
    const layer = { directory: upper, work };
    await mountOverlay({ lowers, upper: layer, target: merged, idRange: ids, volatile: true });
    this.#undo.push(() => unmount(merged, { detach: true }));
    const source = insideOf(merged, inside);
    this.mounts.push(bind(source, target, [...(mount.readonly ? ["ro"] : []), "nosuid", "nodev"]));
  }

  async #cache({ mount, target, files, seed }: PlannedMount): Promise<void> {
    const { owner, caches, signal, ids } = this.#options;
    const { id, mode, uid, gid } = mount;
    const fill = async (directory: string) => {
      if (files) await writeFiles(files, directory, signal);
    };
    const use = await caches.use({ owner, id, seed, mode, uid, gid }, mount.sharing, fill, signal);
    this.#undo.push(() => use.release());
    const look = use.look();
    this.#looks.push(look);
    this.#undo.push(async () => look.stop());
    const place = await this.#place();
    await mountBind({ source: use.directory, target: place, idRange: ids, readOnly: false });
    this.#undo.push(() => unmount(place, { detach: true }));
    this.mounts.push(bind(place, target, [...(mount.readonly ? ["ro"] : []), "nosuid", "nodev"]));
  }

  #tmpfs({ mount, target }: PlannedMount): void {
    const size = mount.sizeBytes === null ? [] : [`size=${mount.sizeBytes}`];
    const options = ["nosuid", "nodev", "mode=1777", ...size];
    this.mounts.push({ kind: "tmpfs", source: "", destination: target, options });
  }

  async #secret({ mount, target }: PlannedMount): Promise<void> {
    const { secrets, ids } = this.#options;
    const value = Object.hasOwn(secrets, mount.id) ? secrets[mount.id] : undefined;
    if (value === undefined) {
      if (mount.required) throw missing("secret", mount.id);
      return;
    }
    if (mount.env !== null) this.env.set(mount.env, value);
    if (target === "") return;
    const place = await this.#place();
    await mountTmpfs(place, Buffer.byteLength(value) + SECRETS_OVERHEAD_BYTES);
    this.#undo.push(() => unmount(place, { detach: true }));
    const file = path.join(place, "secret");
    await writeFile(file, value, { mode: 0o600 });
    await chown(file, ids.firstHostId + mount.uid, ids.firstHostId + mount.gid);
    await chmod(file, mount.mode & 0o777);
    this.mounts.push(bind(file, target, ["ro", "nosuid", "nodev", "noexec"]));
  }

  async #ssh({ mount, target }: PlannedMount): Promise<void> {
    const { sshKeys, slots, ids } = this.#options;
    const key = Object.hasOwn(sshKeys, mount.id) ? sshKeys[mount.id] : undefined;
    const destination = target || `/run/buildkit/ssh_agent.${this.#agents++}`;
    if (key === undefined) {
      if (mount.required) throw missing("ssh key", mount.id);
      return;
    }
    const place = await this.#place();
    const slot = slots.take();
    this.#undo.push(async () => slots.release(slot));
    const home = path.join(place, "agent");
    const agent = await SshAgent.start(home, slots.range(slot).firstHostId, key);
    this.#undo.push(() => agent.stop());
    const access = { uid: ids.firstHostId + mount.uid, gid: ids.firstHostId + mount.gid, mode: mount.mode };
    const socket = { directory: place, name: AGENT_SOCKET };
    const door = await SocketDoor.open(socket, { directory: home, name: AGENT_SOCKET }, access);
    this.#undo.push(() => door.close());
    this.mounts.push(bind(path.join(place, AGENT_SOCKET), destination, ["nosuid", "nodev", "noexec"]));
    if (!this.env.has("SSH_AUTH_SOCK")) this.env.set("SSH_AUTH_SOCK", destination);
  }

  /** A new directory that containers can reach. */
  async #place(): Promise<string> {
    const place = path.join(this.#options.directory, `mount-${this.#places++}`);
    await mkdir(place, { mode: 0o711 });
    return place;
  }
}

function bind(source: string, destination: string, options: readonly string[]): ContainerMount {
  return { kind: "bind", source, destination, options };
}

/** The path of what is at `inside` of a mounted tree, all links resolved inside of it. */
function insideOf(root: string, inside: string): string {
  if (inside === "") return root;
  const directory = openSync(root, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    const found = openInRoot(directory, bytesOf(inside), PATH_ONLY);
    try {
      return readlinkSync(`/proc/self/fd/${found}`);
    } finally {
      closeSync(found);
    }
  } finally {
    closeSync(directory);
  }
}

function missing(what: string, id: string): SlipwayError {
  const shown = id.slice(0, 200);
  return new SlipwayError(
    "secret-missing",
    `The build was given no ${what} "${shown}", which a mount requires.`,
    {
      params: { id: shown },
    },
  );
}
