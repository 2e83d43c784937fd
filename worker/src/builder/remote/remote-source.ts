import type { CopyInstruction } from "@slipway/dockerfile";
import { SlipwayError } from "@slipway/protocol";
import type { BuildRun } from "../build-run.ts";
import type { CopySource } from "../copy/copy-source.ts";
import { type GitReference, parseGitReference } from "./git-reference.ts";
import { type GitRights, gitSource } from "./git-source.ts";
import { mismatch, urlSource } from "./url-source.ts";

/** What a source of ADD names outside of the context; null for a path. Rejects with `dockerfile-invalid` for COPY. */
export async function remoteSource(
  run: BuildRun,
  instruction: Pick<CopyInstruction, "kind" | "from" | "checksum" | "keepGitDir" | "unpack">,
  source: string,
): Promise<CopySource | null> {
  if (instruction.from !== null) return null;
  const { job, parts } = run;
  const isUrl = /^https?:\/\//.test(source);
  if (isUrl && !URL.canParse(source)) throw invalid(`"${source.slice(0, 500)}" is no URL.`, source);
  const reference = parseGitReference(source);
  if (!isUrl && !reference) return null;
  if (instruction.kind === "copy") throw invalid("COPY takes nothing from the network; ADD does.", source);
  const { signal } = job;
  const place = () => run.space.makeDirectory();
  if (reference) {
    const { checksum } = instruction;
    if (checksum !== null && reference.checksum !== null && checksum !== reference.checksum)
      throw mismatch(source.slice(0, 1000), checksum, reference.checksum);
    const fetch = {
      reference: { ...reference, checksum: checksum ?? reference.checksum },
      keepGitDir: reference.keepGitDir ?? instruction.keepGitDir,
      ids: parts.ids,
      rights: rightsFor(reference, job),
      network: () => run.network(),
      place,
      signal,
      own: (dispose: () => void) => run.own(dispose),
    };
    return await run.space.writing(() => gitSource(fetch));
  }
  if (parts.outbound === null || job.surroundings?.mayFetch === false)
    throw new SlipwayError("fetch-failed", "This worker fetches nothing.", {
      params: { source: source.slice(0, 1000), reason: "off" },
    });
  const { checksum } = instruction;
  const fetch = {
    outbound: parts.outbound,
    checksum,
    unpack: instruction.unpack ?? false,
    place,
    signal,
  };
  return await run.space.writing(() => urlSource(fetch, new URL(source)));
}

/** An ssh key for ssh, a token for https; what the other way brings along would be of no use. */
function rightsFor({ remote }: GitReference, { sshKeys, secrets }: BuildRun["job"]): GitRights {
  const own = (from: Readonly<Record<string, string>>, id: string) =>
    Object.hasOwn(from, id) ? (from[id] ?? null) : null;
  if (!/^https?:/.test(remote)) return { sshKey: own(sshKeys, "default"), token: null };
  const { hostname } = new URL(remote);
  const token = own(secrets, `GIT_AUTH_TOKEN.${hostname}`) ?? own(secrets, "GIT_AUTH_TOKEN");
  return { sshKey: null, token };
}

function invalid(message: string, source: string): SlipwayError {
  return new SlipwayError("dockerfile-invalid", message, { params: { source: source.slice(0, 1000) } });
}
