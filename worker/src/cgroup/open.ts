import type { Cgroups } from "./cgroup.ts";
import { CgroupsV1 } from "./cgroups-v1.ts";
import { CgroupsV2 } from "./cgroups-v2.ts";
import { detectLayout } from "./layout.ts";

/** Below this group of the machine everything of Slipway lives. */
export const CGROUP_BASE = "/slipway";

/** The control groups of this machine, whatever version they have. Rejects with `cgroups-missing`. */
export async function openCgroups(base: string = CGROUP_BASE): Promise<Cgroups> {
  const layout = await detectLayout();
  return layout.version === 1 ? new CgroupsV1(layout, base) : new CgroupsV2(layout, base);
}
