import { describe, expect, it } from "vitest";
import { parseDockerfile } from "./parser.ts";
import { planBuild } from "./plan.ts";

const options = { platform: "linux/amd64", predefined: new Map([["TARGETARCH", "amd64"]]) };
const plan = (text: string) => planBuild(parseDockerfile(text), options);

describe("the plan", () => {
  it("leaves out stages that the last one does not need", () => {
    const { plan: made } = plan(
      "FROM a AS one\nFROM b AS unused\nFROM c AS two\nCOPY --from=one /x /x\nFROM two\nCOPY --from=0 /y /y",
    );
    expect(made?.stages.map(({ name }) => name)).toEqual(["one", "two", "3"]);
    expect(made?.target.base).toEqual({ kind: "stage", index: 2 });
  });

  it("expands global arguments in FROM", () => {
    const { plan: made } = plan(`ARG V=18\nARG I=node:\${V}-\${TARGETARCH}\nFROM $I`);
    expect(made?.target.base).toEqual({ kind: "image", reference: "node:18-amd64" });
  });

  it.each([
    ["FROM a AS x\nFROM b AS X", "stage-name-duplicate"],
    ["FROM --platform=linux/arm64 a", "flag-unsupported"],
    ["FROM a\nCOPY --from=0 x y", "stage-unknown"],
    ["FROM $NONE", "variable-invalid"],
  ])("%j is refused", (text, code) => {
    const { plan: made, diagnostics } = plan(text);
    expect(made).toBeNull();
    expect(diagnostics.map((one) => one.code)).toContain(code);
  });

  it("accepts the machine's own platform", () => {
    expect(plan("FROM --platform=$TARGETPLATFORM a").plan).toBeNull();
    expect(plan("FROM --platform=linux/amd64 a").plan).not.toBeNull();
  });
});
