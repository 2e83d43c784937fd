import { SlipwayError } from "@slipway/protocol";
import type { Runtime } from "./runtime.ts";
import type { RuntimeName } from "./runtime-program.ts";

/** In this order, when nobody has chosen. runsc is slower and never a substitute that nobody asked for. */
const DEFAULTS: readonly RuntimeName[] = ["crun", "runc"];

export interface ChosenRuntime<T extends Runtime> {
  readonly runtime: T;
  /** Those that came first and can't be used here, with the reason. */
  readonly passedOver: readonly { readonly name: RuntimeName; readonly error: SlipwayError }[];
}

/**
 * The runtime that the operator names, or else the first one that really runs a container here. `tried` opens one and
 * tries it. Rejects with the error of the one that was named, of the first one when all fail, and at once with what is
 * no runtime's fault.
 */
export async function chooseRuntime<T extends Runtime>(
  named: RuntimeName | undefined,
  tried: (name: RuntimeName) => Promise<T>,
): Promise<ChosenRuntime<T>> {
  const passedOver: { name: RuntimeName; error: SlipwayError }[] = [];
  for (const name of named === undefined ? DEFAULTS : [named]) {
    try {
      return { runtime: await tried(name), passedOver };
    } catch (thrown) {
      const error = SlipwayError.from(thrown);
      if (error.code !== "runtime-missing" && error.code !== "runtime-failed") throw thrown;
      passedOver.push({ name, error });
    }
  }
  throw passedOver[0]?.error ?? new SlipwayError("internal", "There is no runtime to choose from.");
}
