import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { z } from "zod";
import { parseReference } from "./reference.ts";

/** Expected as Docker answers (github.com/distribution/reference, ParseDockerRef and FamiliarString). */
const golden = z
  .object({
    good: z.array(z.object({ text: z.string(), full: z.string(), familiar: z.string() })),
    bad: z.array(z.string()),
  })
  .parse(JSON.parse(readFileSync(new URL("./testdata/references.json", import.meta.url), "utf8")));

describe("a reference is normalised as Docker does", () => {
  it.each(golden.good)("$text", ({ text, full, familiar }) => {
    const parsed = parseReference(text);
    expect(parsed).toMatchObject({ full, familiar });
    const tag = parsed.tag === null ? "" : `:${parsed.tag}`;
    const digest = parsed.digest === null ? "" : `@${parsed.digest}`;
    expect(`${parsed.domain}/${parsed.repository}${tag}${digest}`).toBe(full);
    expect([parseReference(full).full, parseReference(familiar).full]).toEqual([full, full]);
  });

  it.each(golden.bad)("%j is refused", (text) => {
    expect(() => parseReference(text)).toThrow(expect.objectContaining({ code: "request-invalid" }));
  });
});
