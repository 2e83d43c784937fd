import { PROCESS_LIMITS, type ProcessLimitName } from "../../runtime/process-limits.ts";
import type { ContainerOrder } from "../../session/containers/container-order.ts";
import { EngineError } from "../engine-error.ts";
import type { HostConfigBody } from "./create-body.ts";

/** As clients write "unlimited". */
const UNLIMITED = -1;

/** `--ulimit`. Throws 400 for what is none, in the words of Docker's own parser (go-units, ulimit.go). */
export function processLimitsOf({ Ulimits }: HostConfigBody): ContainerOrder["processLimits"] {
  return (Ulimits ?? []).map(({ Name, Soft, Hard }) => {
    if (!isName(Name)) throw new EngineError(400, `invalid ulimit type: ${Name.slice(0, 64)}`);
    const invalid = [Soft, Hard].find((value) => value < UNLIMITED);
    if (invalid !== undefined) throw new EngineError(400, `invalid ulimit value for ${Name}: ${invalid}`);
    if (Hard !== UNLIMITED && (Soft === UNLIMITED || Soft > Hard)) {
      throw new EngineError(
        400,
        `ulimit soft limit must be less than or equal to hard limit: ${Soft} > ${Hard}`,
      );
    }
    return { name: Name, soft: valueOf(Soft), hard: valueOf(Hard) };
  });
}

const valueOf = (value: number): number | null => (value === UNLIMITED ? null : value);

const isName = (name: string): name is ProcessLimitName => PROCESS_LIMITS.some((known) => known === name);
