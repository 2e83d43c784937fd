import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { imageOf, last, logOf, outcomes, someone } from "./build-outcome-fixture.ts";
import {
  buildContext,
  type ContextFile,
  dockerfile,
  type Fixture,
  fixtureWithBusybox,
} from "./builder-fixture.ts";

let fixture: Fixture;
beforeAll(async () => {
  fixture = await fixtureWithBusybox();
}, 120_000);
afterAll(async () => {
  await fixture?.close();
});

const build = (text: string, options: Parameters<typeof buildContext>[2] = {}, ...files: ContextFile[]) =>
  buildContext(fixture, [dockerfile(text), ...files], { playground: someone(), ...options });

describe("the config of an image", () => {
  it("has healthcheck, stop signal, shell, triggers and author, and its history BuildKit's words", async () => {
    const events = await build(
      [
        "FROM scratch",
        "MAINTAINER Ada <ada@example.org>",
        "HEALTHCHECK --interval=5m --timeout=1500ms --start-period=1h --retries=3 CMD curl -f / || exit 1",
        "STOPSIGNAL SIGQUIT",
        'SHELL ["/bin/bash", "-c"]',
        "CMD echo $HOME",
        "ONBUILD RUN echo later",
        'ONBUILD COPY ["a b", "/"]',
      ].join("\n"),
    );
    const { config } = await imageOf(fixture, events);
    expect(config.author).toBe("Ada <ada@example.org>");
    expect(config.config).toMatchObject({
      Healthcheck: {
        Test: ["CMD-SHELL", "curl -f / || exit 1"],
        Interval: 300e9,
        Timeout: 1.5e9,
        StartPeriod: 3600e9,
        Retries: 3,
      },
      StopSignal: "SIGQUIT",
      Shell: ["/bin/bash", "-c"],
      Cmd: ["/bin/bash", "-c", "echo $HOME"],
      OnBuild: ["RUN echo later", 'COPY ["a b", "/"]'],
    });
    expect(config.history?.map(({ created_by }) => created_by)).toEqual([
      "MAINTAINER Ada <ada@example.org>",
      `HEALTHCHECK &{["CMD-SHELL" "curl -f / || exit 1"] "5m0s" "1.5s" "1h0m0s" "0s" '\\x03'}`,
      "STOPSIGNAL SIGQUIT",
      "SHELL [/bin/bash -c]",
      'CMD ["/bin/bash" "-c" "echo $HOME"]',
    ]);
    expect(
      config.history?.every(
        ({ comment, empty_layer }) => comment === "buildkit.dockerfile.v0" && empty_layer,
      ),
    ).toBe(true);
  });

  it("goes to images on top, but for the triggers, and NONE takes the healthcheck away", async () => {
    const base = await build(
      "FROM busybox\nHEALTHCHECK CMD true\nSTOPSIGNAL 9\nLABEL a=1\nUSER 1000\nWORKDIR /w",
    );
    await fixture.imageStore.tag("config-base", (await imageOf(fixture, base)).digest);
    const kept = (await imageOf(fixture, await build("FROM config-base\nLABEL b=2"))).config.config;
    expect(kept).toMatchObject({
      Healthcheck: { Test: ["CMD-SHELL", "true"] },
      StopSignal: "9",
      Labels: { a: "1", b: "2" },
      User: "1000",
      WorkingDir: "/w",
    });
    const none = (await imageOf(fixture, await build("FROM config-base\nHEALTHCHECK NONE"))).config.config;
    expect(none).toMatchObject({ Healthcheck: { Test: ["NONE"] } });
  });

  it("has times as BuildKit gives them: of the step's own layer, or of the layer before", async () => {
    const { config } = await imageOf(fixture, await build("FROM busybox\nENV A=1\nRUN echo t > /t\nENV B=2"));
    const [env, run, after] = (config.history ?? []).slice(-3).map(({ created }) => created);
    expect([env, after, config.created]).toEqual([run, run, run]);
    expect(Date.now() - Date.parse(run ?? "")).toBeLessThan(60_000);
  });

  it("refuses a signal that is none", async () => {
    expect(last(await build("FROM busybox\nSTOPSIGNAL SIGNONE"))).toMatchObject({
      type: "failed",
      step: 1,
      error: { code: "dockerfile-invalid", params: { signal: "SIGNONE" } },
    });
  });
});

describe("triggers of a base", () => {
  it("are steps right after FROM, once, and leave no triggers behind", async () => {
    const base = await build(
      "FROM busybox\nONBUILD COPY app /app\nONBUILD RUN cat /app > /seen\nONBUILD ENV T=1",
    );
    await fixture.imageStore.tag("trigger-base", (await imageOf(fixture, base)).digest);
    const files = { path: "app", content: "mine" };
    const events = await build("FROM trigger-base\nRUN cat /seen", {}, files);
    expect(logOf(events)).toBe("mine");
    expect(events[0]).toMatchObject({
      type: "plan",
      steps: [
        { step: 0, text: "FROM trigger-base" },
        { step: 1, text: "ONBUILD COPY app /app", range: { startLine: 1 } },
        { step: 2, text: "ONBUILD RUN cat /app > /seen" },
        { step: 3, text: "ONBUILD ENV T=1" },
        { step: 4, text: "RUN cat /seen" },
      ],
    });
    const image = await imageOf(fixture, events);
    expect(image.config.config?.OnBuild).toBeUndefined();
    expect(image.config.config?.Env).toContain("T=1");
    await fixture.imageStore.tag("trigger-grandchild", image.digest);
    const third = await build("FROM trigger-grandchild\nRUN true");
    expect(third[0]).toMatchObject({ steps: [{ step: 0 }, { step: 1, text: "RUN true" }] });
  });

  it("of a stage run in the stage on top, and bring in the stages that they copy from", async () => {
    const events = await build(
      "FROM busybox AS tools\nRUN echo tool > /tool\nFROM busybox AS base\nONBUILD COPY --from=tools /tool /got\nFROM base\nRUN cat /got",
    );
    expect(logOf(events)).toBe("tool\n");
    expect(events[0]).toMatchObject({ stages: [{ name: "tools" }, { name: "base" }, { name: "2" }] });
  });

  it("that fail are failures at the FROM that brought them in", async () => {
    const events = await build("FROM busybox AS base\nONBUILD RUN echo why; exit 4\nFROM base\nRUN true");
    expect(last(events)).toMatchObject({
      type: "failed",
      exitCode: 4,
      range: { startLine: 3 },
      lastLines: ["why"],
    });
  });

  it("are cached like other steps", async () => {
    const playground = someone();
    const text = "FROM busybox AS base\nONBUILD RUN echo cached > /c\nFROM base\nENV A=1";
    await build(text, { playground });
    expect(outcomes(await build(text, { playground }))).toEqual([
      "base-present",
      "unchanged",
      "base-present",
      "unchanged",
      "unchanged",
    ]);
  });
});
