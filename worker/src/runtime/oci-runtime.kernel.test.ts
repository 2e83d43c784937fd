import path from "node:path";
import { GVISOR, LINUX } from "./conformance-traits.ts";
import { OciRuntime } from "./oci-runtime.ts";
import { runtimeConformance } from "./runtime-conformance.ts";

for (const program of ["crun", "runc", "runsc"] as const) {
  runtimeConformance(
    program,
    (directory, cgroups) =>
      OciRuntime.open({
        program,
        directory: path.join(directory, "containers"),
        stateDirectory: path.join(directory, "state"),
        cgroups,
      }),
    program === "runsc" ? GVISOR : LINUX,
  );
}
