import { readFileSync } from "node:fs";
import type { Descriptor } from "../oci/image-spec.ts";

/** Go's names of processor architectures, which images use (image-index.md, "platform"). */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: "amd64",
  ia32: "386",
  arm64: "arm64",
  arm: "arm",
  ppc64: "ppc64le",
  s390x: "s390x",
  riscv64: "riscv64",
  loong64: "loong64",
};

export interface Platform {
  readonly architecture: string;
  /** "" where the architecture has none. */
  readonly variant: string;
}

/** What runs on a machine, the best first; image-index.md, "platform.variant", and containerd's order of preference. */
export function runnablePlatforms(arch: string, armVersion: number): readonly Platform[] {
  const architecture = ARCHITECTURES[arch] ?? arch;
  const arm = (newest: number): Platform[] =>
    [8, 7, 6, 5].filter((version) => version <= newest).map((version) => variantOf("arm", `v${version}`));
  if (architecture === "arm64") return [variantOf("arm64", "v8"), ...arm(8)];
  if (architecture === "arm") return arm(armVersion);
  if (architecture === "amd64") return [variantOf("amd64", ""), variantOf("386", "")];
  return [variantOf(architecture, "")];
}

const variantOf = (architecture: string, variant: string): Platform => ({ architecture, variant });

/** What runs here. */
export const RUNNABLE: readonly Platform[] = runnablePlatforms(process.arch, armVersion());

/** `CPU architecture` of /proc/cpuinfo; 7 where it does not say. */
function armVersion(): number {
  if (process.arch !== "arm") return 0;
  const found = /^CPU architecture:\s*(\d+)/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1];
  return found === undefined ? 7 : Number(found);
}

/** A platform as people write it: `linux/arm/v7`. */
export function platformName({ architecture, variant }: Platform): string {
  return `linux/${architecture}${variant === "" ? "" : `/${variant}`}`;
}

/** What an index or a config says of its platform; what it leaves out is what was usual (containerd, "Normalize"). */
interface Claimed {
  readonly os: string;
  readonly architecture: string;
  readonly variant?: string | null | undefined;
}

const USUAL_VARIANTS: Readonly<Record<string, string>> = { arm: "v7", arm64: "v8" };

/** Place in the order of preference, 0 is the best; -1 for what does not run. */
function rank(claimed: Claimed, runnable: readonly Platform[]): number {
  if (claimed.os !== "linux") return -1;
  const variant = claimed.variant || (USUAL_VARIANTS[claimed.architecture] ?? "");
  const exact = runnable.findIndex(
    (one) => one.architecture === claimed.architecture && one.variant === variant,
  );
  if (exact >= 0 || claimed.architecture !== "amd64") return exact;
  // amd64 levels above the first may need instructions that this machine has not; they are taken where nothing else is.
  return variant === "v1" ? 0 : -1;
}

export const runsHere = (claimed: Claimed, runnable = RUNNABLE): boolean => rank(claimed, runnable) >= 0;

/** The entry of an index that suits best, or null. Entries without a platform come last; attestations are none. */
export function choosePlatform(entries: readonly Descriptor[], runnable = RUNNABLE): Descriptor | null {
  let best: Descriptor | null = null;
  let bestRank = Number.POSITIVE_INFINITY;
  for (const entry of entries) {
    if (entry.annotations?.["vnd.docker.reference.type"] !== undefined) continue;
    const place = entry.platform ? rank(entry.platform, runnable) : runnable.length;
    if (place >= 0 && place < bestRank) {
      best = entry;
      bestRank = place;
    }
  }
  return best;
}
