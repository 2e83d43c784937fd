import { useEffect, useState } from "react";
import { systemStatus } from "../../rpc/plain.ts";
import { NAME_SLOT, RUNTIMES_SLOT } from "./slots.ts";

type Status =
  | { readonly state: "asking" }
  | { readonly state: "unreachable" }
  | { readonly state: "known"; readonly runtimes: readonly string[] };

export interface StatusLineProps {
  /** Finished texts; `runtime` holds the placeholder RUNTIMES_SLOT and `hardened` NAME_SLOT. */
  readonly labels: {
    readonly asking: string;
    readonly unreachable: string;
    readonly none: string;
    readonly runtime: string;
    readonly hardened: string;
  };
}

/** What containers run on right now, asked once per page. */
export function StatusLine({ labels }: StatusLineProps) {
  const [status, setStatus] = useState<Status>({ state: "asking" });
  const { hardened } = labels;
  useEffect(() => {
    systemStatus().then(
      ({ workers }) => {
        const names = workers
          .filter((worker) => worker.connected)
          .map((worker) => (worker.hardened ? hardened.replace(NAME_SLOT, worker.runtime) : worker.runtime));
        setStatus({ state: "known", runtimes: [...new Set(names)] });
      },
      () => setStatus({ state: "unreachable" }),
    );
  }, [hardened]);

  const up = status.state === "known" && status.runtimes.length > 0;
  return (
    <p className="flex items-center gap-2" role="status">
      <span
        aria-hidden="true"
        className={`size-2 rounded-[50%] ${up ? "bg-good" : status.state === "asking" ? "bg-line-strong tide" : "bg-warn"}`}
      />
      {status.state === "asking" && labels.asking}
      {status.state === "unreachable" && labels.unreachable}
      {status.state === "known" &&
        (up ? labels.runtime.replace(RUNTIMES_SLOT, status.runtimes.join(", ")) : labels.none)}
    </p>
  );
}
