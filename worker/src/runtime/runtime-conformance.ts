import { afterAll, afterEach, beforeAll, beforeEach, describe } from "vitest";
import { containerConformance } from "./conformance-container.ts";
import { type OpenRuntime, RuntimeHarness } from "./conformance-harness.ts";
import { hostileConformance } from "./conformance-hostile.ts";
import { isolationConformance } from "./conformance-isolation.ts";
import { lifeConformance } from "./conformance-life.ts";
import { limitsConformance } from "./conformance-limits.ts";
import { networkConformance } from "./conformance-network.ts";
import { runConformance } from "./conformance-run.ts";
import type { RuntimeTraits } from "./conformance-traits.ts";

/** What every Runtime guarantees, with real containers. */
export function runtimeConformance(name: string, open: OpenRuntime, traits: RuntimeTraits): void {
  describe(name, () => {
    const harness = new RuntimeHarness(open, traits);
    beforeAll(() => harness.open());
    beforeEach(() => harness.beforeEach());
    afterEach(() => harness.afterEach());
    afterAll(() => harness.close());

    runConformance(harness);
    isolationConformance(harness);
    limitsConformance(harness);
    containerConformance(harness);
    lifeConformance(harness);
    networkConformance(harness);
    describe("hostile", () => hostileConformance(harness));
  });
}
