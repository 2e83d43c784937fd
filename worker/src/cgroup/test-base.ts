import { rmdir } from "node:fs/promises";
import path from "node:path";
import { detectLayout } from "./layout.ts";

/** Tests keep below a group of their own, beside those of a live Slipway. */
export const TEST_CGROUP_BASE = "/slipway-test";

/** Removes the base itself from all hierarchies, unless another test still has groups in it. */
export async function removeTestBase(): Promise<void> {
  const layout = await detectLayout();
  const mounts =
    layout.version === 2 ? [layout.mount] : [...layout.mounts.values(), layout.unified?.mount ?? ""];
  for (const mount of mounts) await rmdir(path.join(mount, TEST_CGROUP_BASE)).catch(() => {});
}
