import { DockerfileText } from "@slipway/dockerfile";
import { describe, expect, test } from "vitest";
import { docs as en } from "./en-docs.ts";
import { docs as ko } from "./ko-docs.ts";

describe.each(Object.keys(en) as (keyof typeof en)[])("%s", (topic) => {
  test("is explained in English and in Korean", () => {
    expect(en[topic].text).toMatch(/^[^가-힣]+[.)]$/);
    expect(ko[topic].text).toMatch(/[가-힣].*\.$/s);
  });

  test("has the same example in both", () => {
    expect(ko[topic].example).toBe(en[topic].example);
  });
});

test("an example is Dockerfile that the parser reads", () => {
  for (const [topic, { example }] of Object.entries(en)) {
    if (example === undefined) continue;
    const source = /^(?:ARG|FROM|#)/.test(example) ? example : `FROM a\n${example}`;
    const found = new DockerfileText(source).dockerfile.diagnostics.filter(
      ({ code }) => code !== "file-empty",
    );
    expect(found, topic).toEqual([]);
  }
});
