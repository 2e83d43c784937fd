import { CAPABILITIES } from "../../runtime/capabilities.ts";
import { EngineError } from "../engine-error.ts";
import type { HostConfigBody } from "./create-body.ts";

/* What a container of a session can't have, each with its sentence. */

const refuse = (sentence: string): never => {
  throw new EngineError(403, sentence);
};

/** Throws 403 for the first thing that can't be allowed. */
export function checkAllowed(config: HostConfigBody): void {
  const { Privileged, PidMode, IpcMode, UTSMode, UsernsMode, CgroupParent, CgroupnsMode, Runtime } = config;
  if (Privileged) refuse("Privileged containers are not allowed: a session shares its machine with others.");
  if (PidMode) refuse("A container has a pid namespace of its own; --pid is not allowed.");
  if (IpcMode && !["private", "shareable", ""].includes(IpcMode)) {
    refuse("A container has an ipc namespace of its own; --ipc is not allowed.");
  }
  if (UTSMode) refuse("A container has a host name of its own; --uts is not allowed.");
  if (UsernsMode) refuse("A container has a user namespace of its own; --userns is not allowed.");
  if (CgroupParent)
    refuse("A container is in the control group of its session; --cgroup-parent is not allowed.");
  if (CgroupnsMode === "host")
    refuse("A container has a cgroup namespace of its own; --cgroupns=host is not allowed.");
  if (Runtime && !["runc", "crun", "runsc", "io.containerd.runc.v2"].includes(Runtime)) {
    throw new EngineError(400, `unknown or invalid runtime name: ${Runtime.slice(0, 64)}`);
  }
  checkDevices(config);
  checkSecurity(config);
}

function checkDevices({ Devices, DeviceCgroupRules, DeviceRequests }: HostConfigBody): void {
  const some = [Devices, DeviceCgroupRules, DeviceRequests].some((list) => (list ?? []).length > 0);
  if (some) refuse("Devices of the machine are not allowed in containers of a session.");
}

function checkSecurity({ SecurityOpt, Sysctls }: HostConfigBody): void {
  for (const option of SecurityOpt ?? []) {
    if (/^no-new-privileges(([:=])true)?$/.test(option)) continue;
    refuse(
      `The security option ${option.slice(0, 64)} is not allowed: containers keep the default profiles.`,
    );
  }
  if (Object.keys(Sysctls ?? {}).length > 0) refuse("Sysctls can't be set for containers of a session.");
}

/** Docker's default capabilities with what was added and dropped. Throws 403 for one that is not among the defaults. */
export function capabilitiesOf({ CapAdd, CapDrop }: HostConfigBody): string[] {
  const named = (name: string) => {
    const upper = name.toUpperCase();
    return upper === "ALL" || upper.startsWith("CAP_") ? upper : `CAP_${upper}`;
  };
  const added = (CapAdd ?? []).map(named).filter((name) => name !== "ALL");
  const beyond = added.find((name) => !CAPABILITIES.includes(name));
  if (beyond !== undefined || (CapAdd ?? []).map(named).includes("ALL")) {
    refuse(
      `The capability ${beyond ?? "ALL"} is not allowed: containers have Docker's default capabilities at most.`,
    );
  }
  const dropped = (CapDrop ?? []).map(named);
  if (dropped.includes("ALL")) return CAPABILITIES.filter((name) => added.includes(name));
  return CAPABILITIES.filter((name) => !dropped.includes(name) || added.includes(name));
}
