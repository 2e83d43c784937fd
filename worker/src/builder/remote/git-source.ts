import { chown, mkdir, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { SlipwayError } from "@slipway/protocol";
import { openDirectory } from "../../layer/descriptors.ts";
import { runProgram } from "../../process/program.ts";
import type { AcquiredNetwork, IdSlots } from "../builder.ts";
import type { CopySource } from "../copy/copy-source.ts";
import { entriesOf } from "../copy/selection.ts";
import { SshAgent } from "../mounts/ssh-agent.ts";
import { RootfsTree } from "../source/rootfs-tree.ts";
import type { GitReference } from "./git-reference.ts";
import { type Outcome, runIsolated } from "./isolated-program.ts";
import { mismatch } from "./url-source.ts";

/** One run of git. */
const GIT_TIMEOUT_MS = 600_000;
/** Largest pack or file of a repository, and the most that all of it may take. */
const MAX_FILE_BYTES = 1024 ** 3;
const MAX_REPOSITORY_BYTES = 2 * 1024 ** 3;
/** How often the size is looked at. */
const SIZE_INTERVAL_MS = 1000;

/** No hooks, no helpers, no files of this machine, whatever a repository wants. */
const CONFIG = [
  ["protocol.allow", "never"],
  ...["https", "http", "git", "ssh"].map((name) => [`protocol.${name}.allow`, "always"]),
  ["core.hooksPath", "/dev/null"],
  ["core.attributesFile", "/dev/null"],
  ["core.fsmonitor", "false"],
  ["credential.helper", ""],
  ["gc.auto", "0"],
  ["init.defaultBranch", "main"],
  ["init.templateDir", ""],
  ["advice.detachedHead", "false"],
].flatMap(([name, value]) => ["-c", `${name}=${value}`]);

const ENVIRONMENT = {
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_ASKPASS: "/bin/false",
  GIT_SSH_COMMAND:
    "ssh -F /dev/null -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR",
};

export interface GitFetch {
  readonly reference: GitReference;
  readonly keepGitDir: boolean;
  readonly ids: IdSlots;
  readonly rights: GitRights;
  /** For what has to be known before the step runs. */
  readonly network: () => Promise<AcquiredNetwork>;
  /** Gives a directory of its own on the disk of the build. */
  readonly place: () => Promise<string>;
  readonly signal: AbortSignal;
  /** Called at the end of the build. */
  readonly own: (dispose: () => void | Promise<void>) => void;
}

/** What a build brings along for repositories that are not public. */
export interface GitRights {
  /** Private key for `git@…`, PEM or OpenSSH. */
  readonly sshKey: string | null;
  /** For https, as BuildKit's secret GIT_AUTH_TOKEN. */
  readonly token: string | null;
}

/** A fetch with the directory that it happens in. */
type PlacedFetch = GitFetch & { readonly directory: string };

/** The files of a repository, at the commit that its reference means now. */
export async function gitSource(fetch: GitFetch): Promise<CopySource> {
  const { reference, keepGitDir } = fetch;
  const { checksum } = reference;
  if (checksum !== null && !/^[0-9a-f]{7,64}$/.test(checksum))
    throw mismatch(shown(reference), checksum, "?");
  const commit = await commitOf(fetch);
  if (checksum !== null && !commit.startsWith(checksum)) throw mismatch(shown(reference), checksum, commit);
  const key = `${commit} ${reference.directory} ${keepGitDir} ${reference.submodules}`;
  const { sshKey, token } = fetch.rights;
  return {
    isPrivate: sshKey !== null || token !== null,
    files: new Map([[`${shown(reference)}#${reference.ref ?? ""}`, key]]),
    open: async ({ space, signal, network }) => {
      const place = await space.makeDirectory();
      const git = { ...fetch, directory: place, signal, network };
      await withGit(git, (run) => checkOut(git, commit, run));
      return await itemOf(git, path.join(place, "tmp/repository"));
    },
  };
}

async function itemOf({ reference, signal, own }: GitFetch, repository: string) {
  const tree = new RootfsTree(openDirectory(repository), { owner: { uid: 0, gid: 0 } });
  own(() => tree.close());
  const base = tree.resolve(reference.directory);
  if (base === null || tree.lstat(base)?.kind !== "directory") {
    const directory = reference.directory.slice(0, 1000);
    throw new SlipwayError("copy-source-missing", `"${directory}" is no directory of the repository.`, {
      params: { path: directory },
    });
  }
  const entries = await entriesOf({ tree, base, include: null, exclude: null }, signal);
  return { tree, name: "", isDirectory: true, entries, unpack: false };
}

type Git = (args: readonly string[]) => Promise<Outcome>;

/** What a branch, a tag or nothing means now; a whole commit means itself. */
async function commitOf(fetch: GitFetch): Promise<string> {
  const { ref, remote } = fetch.reference;
  if (ref !== null && /^[0-9a-f]{40}$/.test(ref)) return ref;
  const place = await fetch.place();
  try {
    const git = { ...fetch, directory: place };
    const { stdout } = await withGit(git, async (run) =>
      run(["ls-remote", "--", remote, ref ?? "HEAD", ...(ref === null ? [] : [`${ref}^{}`])]),
    );
    const found = stdout.split("\n").map((line) => line.split("\t"));
    const named = (name: string) => found.find(([, at]) => at === name)?.[0];
    const commit =
      named(`refs/tags/${ref}^{}`) ??
      named(`${ref}^{}`) ??
      named(`refs/heads/${ref}`) ??
      named(`refs/tags/${ref}`) ??
      named(ref ?? "HEAD") ??
      found[0]?.[0];
    if (commit && /^[0-9a-f]{40,64}$/.test(commit)) return commit;
    throw failed(fetch.reference, `it has no ${ref ?? "HEAD"}`);
  } finally {
    await rm(place, { recursive: true, force: true });
  }
}

async function checkOut(
  { reference, keepGitDir, directory }: PlacedFetch,
  commit: string,
  run: Git,
): Promise<void> {
  const inside = ["-C", "/tmp/repository"];
  await run(["init", "--quiet", "/tmp/repository"]);
  await run([...inside, "remote", "add", "--", "origin", reference.remote]);
  const wanted = reference.ref === null || reference.ref === commit ? commit : reference.ref;
  const shallow = [...inside, "fetch", "--quiet", "--no-tags", "--depth=1", "origin"];
  try {
    await run([...shallow, commit]);
  } catch (error) {
    // Not every server gives a commit by its name alone.
    if (!(error instanceof SlipwayError)) throw error;
    await run(
      wanted === commit
        ? [...inside, "fetch", "--quiet", "--tags", "origin", "+refs/heads/*:refs/remotes/origin/*"]
        : [...shallow, wanted],
    );
  }
  await run([...inside, "checkout", "--quiet", "--force", commit, "--"]);
  if (reference.submodules)
    await run([...inside, "submodule", "--quiet", "update", "--init", "--recursive", "--depth=1"]);
  if (!keepGitDir) await rm(path.join(directory, "tmp/repository/.git"), { recursive: true, force: true });
}

/** Runs git as somebody who has nothing on this machine, in the network of the build. */
async function withGit<Result>(fetch: PlacedFetch, work: (git: Git) => Promise<Result>): Promise<Result> {
  const { directory, ids, rights, reference } = fetch;
  const network = await fetch.network();
  const { namespacePath } = network;
  if (namespacePath === null) throw failed(reference, "builds have no network here");
  const slot = ids.take();
  const uid = ids.range(slot).firstHostId;
  const home = path.join(directory, "tmp");
  const resolvConf = path.join(directory, "resolv.conf");
  await mkdir(home, { recursive: true, mode: 0o700 });
  await chown(home, uid, uid);
  await writeFile(resolvConf, network.resolvConf);
  const timeout = AbortSignal.timeout(GIT_TIMEOUT_MS);
  const size = watchSize(home, shown(reference));
  const signal = AbortSignal.any([fetch.signal, timeout, size.signal]);
  let agent: SshAgent | null = null;
  try {
    if (rights.sshKey !== null) agent = await SshAgent.start(path.join(home, "agent"), uid, rights.sshKey);
    const env = {
      ...ENVIRONMENT,
      ...tokenEnvironment(reference, rights.token),
      ...(agent ? { SSH_AUTH_SOCK: "/tmp/agent/socket" } : {}),
    };
    return await work(async (args) => {
      const outcome = await runIsolated({
        args: ["git", ...CONFIG, ...args],
        env,
        directory: home,
        resolvConf,
        network: { ...network, namespacePath },
        uid,
        maxFileBytes: MAX_FILE_BYTES,
        signal,
      });
      if (outcome.code === 0) return outcome;
      throw failed(reference, lastLines(outcome.stderr));
    });
  } catch (error) {
    fetch.signal.throwIfAborted();
    if (timeout.aborted) throw failed(reference, `it took longer than ${GIT_TIMEOUT_MS} ms`);
    throw error;
  } finally {
    size.stop();
    await agent?.stop();
    ids.release(slot);
  }
}

/** A header for the one host, in the environment: nobody can see that of another user's process. */
function tokenEnvironment({ remote }: GitReference, token: string | null): Record<string, string> {
  if (token === null || !remote.startsWith("https://")) return {};
  const basic = Buffer.from(`x-access-token:${token}`).toString("base64");
  return {
    GIT_CONFIG_COUNT: "1",
    GIT_CONFIG_KEY_0: `http.${new URL(remote).origin}/.extraheader`,
    GIT_CONFIG_VALUE_0: `Authorization: basic ${basic}`,
  };
}

/** Aborts when a directory grows above the bound of a repository. */
function watchSize(directory: string, url: string): { readonly signal: AbortSignal; stop(): void } {
  const controller = new AbortController();
  const timer = setInterval(async () => {
    const { stdout } = await runProgram(["du", "-s", "-B1", directory]).catch(() => ({ stdout: "0" }));
    if (Number.parseInt(stdout, 10) <= MAX_REPOSITORY_BYTES) return;
    controller.abort(
      new SlipwayError("fetch-failed", `The repository takes more than ${MAX_REPOSITORY_BYTES} bytes.`, {
        params: { source: url, reason: "too-large" },
      }),
    );
  }, SIZE_INTERVAL_MS);
  return { signal: controller.signal, stop: () => clearInterval(timer) };
}

const lastLines = (text: string): string => text.trim().split("\n").slice(-3).join(" ").slice(0, 1000);

/** Without a name and a password. */
const shown = ({ remote }: GitReference): string => remote.replace(/\/\/[^/@]*@/, "//").slice(0, 1000);

function failed(reference: GitReference, why: string): SlipwayError {
  const url = shown(reference);
  const reason = why.replaceAll(reference.remote, url);
  return new SlipwayError("fetch-failed", `Can't fetch ${url}: ${reason}`, {
    params: { source: url, reason },
  });
}
