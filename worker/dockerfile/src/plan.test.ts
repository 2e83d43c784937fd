import { describe, expect, it } from "vitest";
import { argValue } from "./build-args.ts";
import { parseDockerfile } from "./parser.ts";
import { type PlanOptions, planBuild } from "./plan.ts";

const options: PlanOptions = {
  platform: "linux/amd64",
  predefined: new Map([
    ["TARGETARCH", "amd64"],
    ["BUILDPLATFORM", "linux/amd64"],
    ["TARGETPLATFORM", "linux/amd64"],
  ]),
};
const plan = (text: string, more: Partial<PlanOptions> = {}) =>
  planBuild(parseDockerfile(text), { ...options, ...more });

describe("the plan", () => {
  it("leaves out stages that the last one does not need", () => {
    const { plan: made } = plan(
      "FROM a AS one\nFROM b AS unused\nFROM c AS two\nCOPY --from=one /x /x\nFROM two\nCOPY --from=0 /y /y",
    );
    expect(made?.stages.map(({ name }) => name)).toEqual(["one", "two", "3"]);
    expect(made?.allStages.map(({ name }) => name)).toEqual(["one", "unused", "two", "3"]);
    expect(made?.target.base).toEqual({ kind: "stage", index: 2 });
  });

  it("tells for every stage which others must be there before", () => {
    const { plan: made } = plan(
      [
        "FROM a AS one",
        "FROM b AS two",
        "FROM c AS three",
        "RUN --mount=type=bind,from=two,target=/x --mount=from=busybox,target=/y true",
        "FROM one",
        "COPY --from=Three /x /x",
        "COPY --from=nginx /x /x",
        "ADD x y",
      ].join("\n"),
    );
    expect(made?.allStages.map(({ needs }) => needs)).toEqual([[], [], [1], [0, 2]]);
  });

  it("expands global arguments in FROM", () => {
    const { plan: made } = plan(`ARG V=18\nARG I=node:\${V}-\${TARGETARCH}\nFROM $I`);
    expect(made?.target.base).toEqual({ kind: "image", reference: "node:18-amd64" });
  });

  it.each([
    ["FROM a\nCOPY --from=0 x y", "stage-cycle"],
    ["FROM a AS x\nRUN --mount=from=x,target=/y true", "stage-cycle"],
    ["FROM a\nCOPY --from=later x y\nFROM b AS later\nFROM 0\nFROM 0", "ok"],
    ["FROM a AS one\nCOPY --from=later x y\nFROM b AS later\nFROM one", "stage-unknown"],
    ["FROM a AS one\nRUN --mount=from=1,target=/y true\nFROM b AS later\nFROM one", "stage-unknown"],
    ["FROM a\nCOPY --from=1 x y\nFROM b", "stage-unknown"],
    ["FROM a\nCOPY --from=7 x y\nFROM b", "stage-unknown"],
    ["FROM a\nCOPY --from=$x x y", "flag-invalid"],
    ["FROM --platform=linux/arm64 a", "flag-unsupported"],
    ["FROM --platform=$NOTHING a", "flag-invalid"],
    ["FROM --platform=linux/arm64 a AS unused\nFROM b", "ok"],
    ["FROM $NONE", "variable-invalid"],
    ["FROM $" + "{NONE", "variable-invalid"],
  ])("%j is %s", (text, code) => {
    const { plan: made, diagnostics } = plan(text);
    const isRefused = code !== "ok" && !(code === "stage-unknown" && text.includes("=1 x"));
    expect([made === null, diagnostics.map((one) => one.code)]).toEqual(
      isRefused ? [true, [code]] : [false, []],
    );
  });

  it.each([
    "linux/amd64",
    "$BUILDPLATFORM",
    `\${TARGETPLATFORM}`,
    "linux/x86_64",
    "amd64",
    "linux",
    "linux/amd64/v1",
  ])("FROM --platform=%s is the machine's own platform", (platform) => {
    expect(plan(`FROM --platform=${platform} a`).plan).not.toBeNull();
  });

  it("takes the later one of two stages with one name", () => {
    const { plan: made } = plan("FROM a AS x\nFROM x AS x\nFROM c\nCOPY --from=X /a /b");
    expect(made?.stages.map(({ needs }) => needs)).toEqual([[], [0], [1]]);
  });
});

describe("the target", () => {
  const text = "FROM a AS one\nFROM one AS Two\nFROM c AS three";

  it.each([
    ["two", ["one", "two"]],
    ["TWO", ["one", "two"]],
    ["1", ["one", "two"]],
    ["", ["three"]],
    [null, ["three"]],
  ])("%j needs %j", (target, names) => {
    expect(plan(text, { target }).plan?.stages.map(({ name }) => name)).toEqual(names);
  });

  it("that is missing is named, with the stage that was probably meant", () => {
    const { plan: made, diagnostics } = plan(text, { target: "thre" });
    expect(made).toBeNull();
    expect(diagnostics).toMatchObject([{ code: "target-unknown", suggestion: "three" }]);
  });
});

it("TARGETSTAGE is the name of the stage that is built", () => {
  const text = "FROM a AS one\nFROM x-$TARGETSTAGE AS two";
  const base = (from: string, target: string | null = null) => {
    const { plan: made } = plan(from, { target });
    return made?.allStages.at(-1)?.base;
  };
  expect(base(text)).toEqual({ kind: "image", reference: "x-two" });
  expect(base(text, "one")).toEqual({ kind: "image", reference: "x-one" });
  expect(base("FROM x-$TARGETSTAGE")).toEqual({ kind: "image", reference: "x-default" });
});

describe("build arguments", () => {
  const text = "ARG V=1\nARG W=$V\nFROM a:$W\nARG V\nARG X=def\nARG Y\nARG NONE";
  const buildArgs = new Map([
    ["V", "2"],
    ["Y", "given"],
  ]);

  it("win over the defaults of ARG before FROM, and of those that stand on them", () => {
    expect(plan(text).plan?.target.base).toEqual({ kind: "image", reference: "a:1" });
    expect(plan(text, { buildArgs }).plan?.target.base).toEqual({ kind: "image", reference: "a:2" });
  });

  it("win in stages too, where a name without a default inherits the global one", () => {
    const { plan: made } = plan(text, { buildArgs });
    const values = made?.target.instructions.flatMap((one) =>
      one.kind === "arg" ? one.args.map((arg) => argValue(arg, made, (value) => value)) : [],
    );
    expect(values).toEqual(["2", "def", "given", undefined]);
  });

  it("replace predefined ones", () => {
    const { plan: made } = plan("FROM a-$TARGETARCH", { buildArgs: new Map([["TARGETARCH", "riscv64"]]) });
    expect(made?.target.base).toEqual({ kind: "image", reference: "a-riscv64" });
  });

  it("that nothing declares give one warning; predefined ones and proxies are always known", () => {
    const given = new Map([
      ["V", "2"],
      ["UNKNOWN", "x"],
      ["OTHER", "x"],
      ["https_proxy", "http://p"],
      ["TARGETARCH", "x"],
      ["BUILDKIT_INLINE_CACHE", "1"],
    ]);
    const { plan: made, diagnostics } = plan(text, { buildArgs: given });
    expect(diagnostics).toMatchObject([
      {
        severity: "warning",
        code: "build-args-unused",
        message: "One or more build-args [UNKNOWN, OTHER] were not consumed",
      },
    ]);
    expect([...(made?.proxyEnvironment ?? [])]).toEqual([
      ["HTTPS_PROXY", "http://p"],
      ["https_proxy", "http://p"],
    ]);
  });
});
