import { expect, test } from "vitest";
import { fitProfile, type SeccompProfile, withoutNamespaces } from "./seccomp.ts";

const profile: SeccompProfile = {
  defaultAction: "SCMP_ACT_ERRNO",
  defaultErrnoRet: 38,
  archMap: [{ architecture: "SCMP_ARCH_X86_64", subArchitectures: ["SCMP_ARCH_X86"] }],
  syscalls: [
    { names: ["read"], action: "SCMP_ACT_ALLOW", args: [] },
    { names: ["arm_only"], action: "SCMP_ACT_ALLOW", includes: { arches: ["arm64"] } },
    { names: ["mount"], action: "SCMP_ACT_ALLOW", includes: { caps: ["CAP_SYS_ADMIN"] } },
    { names: ["mount"], action: "SCMP_ACT_ERRNO", errnoRet: 1, excludes: { caps: ["CAP_SYS_ADMIN"] } },
    { names: ["chroot"], action: "SCMP_ACT_ALLOW", includes: { caps: ["CAP_SYS_CHROOT"] } },
    { names: ["ptrace"], action: "SCMP_ACT_ALLOW", includes: { minKernel: "4.8" } },
    { names: ["future"], action: "SCMP_ACT_ALLOW", includes: { minKernel: "6.20" } },
  ],
};
const machine = { arch: "amd64", kernel: "6.1.0-18-amd64", capabilities: ["CAP_SYS_CHROOT"] };

test("keeps the rules whose conditions this machine and these capabilities meet", () => {
  expect(fitProfile(profile, machine)).toEqual({
    defaultAction: "SCMP_ACT_ERRNO",
    defaultErrnoRet: 38,
    architectures: ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86"],
    syscalls: [
      { names: ["read"], action: "SCMP_ACT_ALLOW" },
      { names: ["mount"], action: "SCMP_ACT_ERRNO", errnoRet: 1 },
      { names: ["chroot"], action: "SCMP_ACT_ALLOW" },
      { names: ["ptrace"], action: "SCMP_ACT_ALLOW" },
    ],
  });
});

test("an architecture that the profile doesn't know is refused", () => {
  expect(() => fitProfile(profile, { ...machine, arch: "riscv64" })).toThrow(
    expect.objectContaining({ code: "runtime-missing" }),
  );
});

test("who may not administer the system makes no namespaces, whatever the profile allows", () => {
  const allowed = { names: ["clone", "clone3", "read", "unshare", "keyctl"], action: "SCMP_ACT_ALLOW" };
  const alone = { names: ["mount"], action: "SCMP_ACT_ALLOW" };
  const filter = { defaultAction: "SCMP_ACT_ERRNO", architectures: [], syscalls: [allowed, alone] };
  const { syscalls } = withoutNamespaces(filter);
  expect(syscalls[0]).toEqual({ names: ["read"], action: "SCMP_ACT_ALLOW" });
  const rules = (name: string) => syscalls.filter(({ names }) => names.includes(name));
  for (const name of ["unshare", "keyctl", "mount"]) {
    expect(rules(name)).toMatchObject([{ action: "SCMP_ACT_ERRNO", errnoRet: 1 }]);
  }
  expect(rules("clone3")).toMatchObject([{ action: "SCMP_ACT_ERRNO", errnoRet: 38 }]);
  expect(rules("clone")).toMatchObject([{ action: "SCMP_ACT_ALLOW", args: [{ op: "SCMP_CMP_MASKED_EQ" }] }]);
});
