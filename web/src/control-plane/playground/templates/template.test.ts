import { checkDockerfile, DockerfileText, IgnoreFile } from "@slipway/dockerfile";
import { describe, expect, test } from "vitest";
import { templateSchema } from "../playground.ts";
import { TEMPLATES } from "./template.ts";

/** What the editor says of a template's Dockerfile. */
function codesOf(files: Readonly<Record<string, string>>): string[] {
  const ignore = files[".dockerignore"];
  const surroundings = {
    ignoreFile: ignore === undefined ? null : new IgnoreFile(ignore),
    files: Object.keys(files),
  };
  return checkDockerfile(new DockerfileText(files.Dockerfile ?? ""), surroundings).map(({ code }) => code);
}

describe.each(templateSchema.options)("%s", (template) => {
  const { files } = TEMPLATES[template];

  test("says nothing wrong to parser and checks, but for what is broken on purpose", () => {
    expect(codesOf(files("en"))).toEqual(template === "broken-copy" ? ["CopyIgnoredFile"] : []);
  });

  test("is the same in both languages, but for comments and words", () => {
    const instructions = (language: "ko" | "en") =>
      new DockerfileText(files(language).Dockerfile ?? "").dockerfile.instructions.map(({ text }) => text);
    expect(instructions("ko")).toEqual(instructions("en"));
    expect(Object.keys(files("ko"))).toEqual(Object.keys(files("en")));
  });

  test("has its task in the person's language where there is one", () => {
    const isTask = template.startsWith("broken-");
    expect(/^# .*[가-힣]/.test(files("ko").Dockerfile ?? "")).toBe(isTask);
    expect(/^# [^가-힣]*\n/.test(files("en").Dockerfile ?? "")).toBe(isTask);
  });
});
