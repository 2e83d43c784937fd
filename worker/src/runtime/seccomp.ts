import { readFile } from "node:fs/promises";
import { constants, release } from "node:os";
import { SlipwayError } from "@slipway/protocol";
import { z } from "zod";

/** Where Debian's golang-github-containers-common installs the default profile. */
export const SECCOMP_PROFILE = "/usr/share/containers/seccomp.json";

const { EPERM, ENOSYS } = constants.errno;
/** CLONE_NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET and NEWNS of linux/sched.h; NEWTIME is for unshare only. */
const NAMESPACE_FLAGS = 0x7e020000;
const REFUSED: readonly string[] = [
  ...["unshare", "setns", "clone", "clone3"],
  ...["mount", "umount", "umount2", "pivot_root", "mount_setattr", "move_mount", "open_tree"],
  ...["fsopen", "fsconfig", "fsmount", "fspick"],
  ...["add_key", "request_key", "keyctl", "syslog"],
];

const conditionSchema = z.object({
  caps: z.array(z.string()).optional(),
  arches: z.array(z.string()).optional(),
  minKernel: z.string().optional(),
});
type Condition = z.infer<typeof conditionSchema>;

/** The profile format of Docker and containers-common (containers/common, pkg/seccomp/types.go). */
const profileSchema = z.object({
  defaultAction: z.string(),
  defaultErrnoRet: z.number().int().optional(),
  archMap: z.array(z.object({ architecture: z.string(), subArchitectures: z.array(z.string()).nullish() })),
  syscalls: z.array(
    z.object({
      names: z.array(z.string()),
      action: z.string(),
      errnoRet: z.number().int().nullish(),
      args: z
        .array(
          z.object({
            index: z.number().int(),
            value: z.number(),
            valueTwo: z.number().optional(),
            op: z.string(),
          }),
        )
        .nullish(),
      includes: conditionSchema.optional(),
      excludes: conditionSchema.optional(),
    }),
  ),
});
export type SeccompProfile = z.infer<typeof profileSchema>;

/** `linux.seccomp` of the OCI runtime spec (config-linux.md). */
export interface SeccompFilter {
  readonly defaultAction: string;
  readonly defaultErrnoRet?: number;
  readonly architectures: readonly string[];
  readonly syscalls: readonly {
    readonly names: readonly string[];
    readonly action: string;
    readonly errnoRet?: number;
    readonly args?: readonly unknown[];
  }[];
}

export interface Machine {
  /** As Go names it: amd64, arm64. */
  readonly arch: string;
  /** Version of the kernel, such as 6.1. */
  readonly kernel: string;
  readonly capabilities: readonly string[];
}

const GO_ARCH: Readonly<Record<string, string>> = { x64: "amd64", arm64: "arm64", s390x: "s390x" };
const SECCOMP_ARCH: Readonly<Record<string, string>> = {
  amd64: "SCMP_ARCH_X86_64",
  arm64: "SCMP_ARCH_AARCH64",
  s390x: "SCMP_ARCH_S390X",
};

/** Reads the profile and fits it to this machine and these capabilities. Rejects with `runtime-missing`. */
export async function readSeccomp(file: string, capabilities: readonly string[]): Promise<SeccompFilter> {
  let profile: SeccompProfile;
  try {
    profile = profileSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch (cause) {
    throw new SlipwayError("runtime-missing", `The seccomp profile ${file} is missing or can't be read.`, {
      cause,
      params: { file },
    });
  }
  const fitted = fitProfile(profile, {
    arch: GO_ARCH[process.arch] ?? process.arch,
    kernel: release(),
    capabilities,
  });
  return capabilities.includes("CAP_SYS_ADMIN") ? fitted : withoutNamespaces(fitted);
}

/**
 * The profile of containers-common lets everybody make namespaces, in which one then has every capability; and use the
 * kernel's keyrings and log, which know nothing of containers. Docker's does neither (moby, profiles/seccomp/default.json).
 */
export function withoutNamespaces(filter: SeccompFilter): SeccompFilter {
  const refused = new Set(REFUSED);
  const kept = filter.syscalls.map((rule) => ({
    ...rule,
    names: rule.names.filter((name) => !refused.has(name)),
  }));
  return {
    ...filter,
    syscalls: [
      ...kept.filter(({ names }) => names.length > 0),
      {
        names: REFUSED.filter((name) => name !== "clone" && name !== "clone3"),
        action: "SCMP_ACT_ERRNO",
        errnoRet: EPERM,
      },
      // A filter can't look at the flags of clone3; who is told that there is none uses clone.
      { names: ["clone3"], action: "SCMP_ACT_ERRNO", errnoRet: ENOSYS },
      {
        names: ["clone"],
        action: "SCMP_ACT_ALLOW",
        args: [{ index: 0, value: NAMESPACE_FLAGS, valueTwo: 0, op: "SCMP_CMP_MASKED_EQ" }],
      },
    ],
  };
}

/** Keeps the rules whose conditions hold, as Docker does when it starts a container. */
export function fitProfile(profile: SeccompProfile, machine: Machine): SeccompFilter {
  const own = SECCOMP_ARCH[machine.arch];
  const mapped = profile.archMap.find((entry) => entry.architecture === own);
  if (own === undefined || mapped === undefined) {
    throw new SlipwayError(
      "runtime-missing",
      `The seccomp profile doesn't know the architecture ${machine.arch}.`,
    );
  }
  const syscalls = profile.syscalls.filter((rule) => applies(rule.includes, rule.excludes, machine));
  return {
    defaultAction: profile.defaultAction,
    ...(profile.defaultErrnoRet === undefined ? {} : { defaultErrnoRet: profile.defaultErrnoRet }),
    architectures: [own, ...(mapped.subArchitectures ?? [])],
    syscalls: syscalls.map((rule) => ({
      names: rule.names,
      action: rule.action,
      ...(rule.errnoRet == null ? {} : { errnoRet: rule.errnoRet }),
      ...(rule.args == null || rule.args.length === 0 ? {} : { args: rule.args }),
    })),
  };
}

/** All of `includes` must hold and nothing of `excludes`. */
function applies(includes: Condition = {}, excludes: Condition = {}, machine: Machine): boolean {
  const { arches, caps, minKernel } = includes;
  if (arches !== undefined && arches.length > 0 && !arches.includes(machine.arch)) return false;
  if (caps !== undefined && !caps.every((cap) => machine.capabilities.includes(cap))) return false;
  if (minKernel !== undefined && isOlder(machine.kernel, minKernel)) return false;
  if (excludes.arches?.includes(machine.arch)) return false;
  if (excludes.caps?.some((cap) => machine.capabilities.includes(cap))) return false;
  return excludes.minKernel === undefined || isOlder(machine.kernel, excludes.minKernel);
}

function isOlder(kernel: string, other: string): boolean {
  const [major = 0, minor = 0] = kernel.split(/[.-]/).map(Number);
  const [otherMajor = 0, otherMinor = 0] = other.split(".").map(Number);
  return major < otherMajor || (major === otherMajor && minor < otherMinor);
}
