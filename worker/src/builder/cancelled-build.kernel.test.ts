import { readdir } from "node:fs/promises";
import type { BuildEvent } from "@slipway/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { expectNothingLeft, last, someone } from "./build-outcome-fixture.ts";
import { buildContext, dockerfile, type Fixture, fixtureWithBusybox } from "./builder-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await fixtureWithBusybox({ egress: true });
}, 120_000);
afterAll(async () => {
  await fixture?.builder.close();
  await fixture?.close();
});

const TEXT = [
  "FROM busybox AS one",
  "RUN echo one; dd if=/dev/urandom of=/one bs=1M count=8 2>/dev/null",
  "RUN --mount=type=cache,target=/cache echo two; dd if=/dev/urandom of=/cache/two bs=1M count=2 2>/dev/null",
  "FROM busybox AS other",
  "COPY Dockerfile /d",
  "RUN --mount=type=secret,id=key echo three; cat /run/secrets/key | wc -c > /three",
  "FROM one",
  "COPY --from=other /three /three",
  "RUN echo last; sleep 0.1",
].join("\n");

const build = (options: Parameters<typeof buildContext>[2]) =>
  buildContext(fixture, [dockerfile(TEXT)], {
    playground: someone(),
    noCache: true,
    request: { secrets: { key: "abc" } },
    ...options,
  });

/** Networks of builds: the one that is made ahead stays until the builder is closed. */
async function networks(): Promise<number> {
  const names = await readdir("/run/netns").catch(() => []);
  return names.filter((name) => name.startsWith(fixture.namespacePrefix)).length;
}

describe("a build that is cancelled", () => {
  it("at any of its events leaves nothing: no container, mount, cgroup, network, snapshot or file", async () => {
    const whole = await build({});
    expect(last(whole)).toMatchObject({ type: "image" });
    for (let at = 0; at < whole.length - 1; at += 2) {
      const abort = new AbortController();
      let seen = 0;
      const onEvent = (_: BuildEvent) => {
        if (seen === at) abort.abort();
        seen += 1;
      };
      const events = await build({ signal: abort.signal, onEvent });
      expect(last(events), `at event ${at}`).toMatchObject({
        type: "failed",
        error: { code: "build-cancelled" },
        step: null,
      });
      await expectNothingLeft(fixture);
    }
    expect(await networks()).toBeLessThanOrEqual(1);
    await fixture.builder.close();
    expect(await networks()).toBe(0);
  }, 120_000);

  it("before it began reads nothing and leaves nothing", async () => {
    const events = await build({ signal: AbortSignal.abort() });
    expect(events).toMatchObject([{ type: "failed", error: { code: "build-cancelled" } }]);
    await expectNothingLeft(fixture);
  });

  it("by its time says so, and leaves nothing", async () => {
    const limits = { memoryBytes: 256 * 1024 ** 2, cpus: 1, pids: 64, diskBytes: 1024 ** 3, timeoutMs: 1500 };
    const events = await buildContext(fixture, [dockerfile("FROM busybox\nRUN sleep 100")], {
      playground: someone(),
      request: { limits },
    });
    expect(last(events)).toMatchObject({
      type: "failed",
      error: { code: "build-timeout", params: { timeoutMs: 1500 } },
    });
    await expectNothingLeft(fixture);
  });
});
