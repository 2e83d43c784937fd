import { expect, test } from "vitest";
import { dockerfileHints } from "./dockerfile-hints.ts";

test("stages, arguments, secrets and keys are those that the Dockerfile names, each once", () => {
  const text = `ARG VERSION=1
FROM debian:$VERSION AS Build
ARG VERSION
ARG MODE=fast
RUN --mount=type=secret,id=token --mount=type=ssh true
RUN --mount=type=secret,target=/root/.npmrc --mount=type=secret,id=token true
RUN --mount=type=ssh,id=github --mount=type=cache,target=/x,id=cache true
FROM build AS test
FROM scratch
`;
  expect(dockerfileHints(text)).toEqual({
    stages: ["build", "test"],
    args: ["VERSION", "MODE"],
    secrets: ["token", ".npmrc"],
    sshKeys: ["default", "github"],
  });
});

test("a Dockerfile that can't be read gives what could be read of it", () => {
  expect(dockerfileHints("")).toEqual({ stages: [], args: [], secrets: [], sshKeys: [] });
  expect(dockerfileHints("FROM a AS b\nRUNN x\nARG C\n").stages).toEqual(["b"]);
});

test("an id that only the build can tell is not offered", () => {
  expect(dockerfileHints("FROM a\nARG ID\nRUN --mount=type=secret,id=$ID true\n").secrets).toEqual([]);
});
