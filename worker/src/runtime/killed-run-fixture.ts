import path from "node:path";
import { openCgroups } from "../cgroup/open.ts";
import { OciRuntime } from "./oci-runtime.ts";
import type { ContainerSpec } from "./runtime.ts";

/*
 * A worker that is killed while it runs containers, one after the other: see killed-run.kernel.test.ts. argv: the
 * directory, the base of its control groups, and the container as JSON.
 */

const [home = "", cgroupBase = "", spec = "{}"] = process.argv.slice(2);
const runtime = await OciRuntime.open({
  program: "crun",
  directory: path.join(home, "containers"),
  stateDirectory: path.join(home, "state"),
  cgroups: await openCgroups(cgroupBase),
});
const container = JSON.parse(spec) as ContainerSpec;
const output = { stdout: () => {}, stderr: () => {} };
for (let round = 0; ; round += 1) {
  const running = runtime.run(
    { ...container, id: `${container.id}-${round}` },
    output,
    new AbortController().signal,
  );
  if (round === 0) process.stdout.write("running\n");
  await running;
}
