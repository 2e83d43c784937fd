import { errorCodes } from "@slipway/protocol";
import { createTranslator } from "use-intl/core";
import { describe, expect, test } from "vitest";
import { ERROR_PLACEHOLDERS, errorValues } from "../error-sentence.ts";
import { en } from "./en.ts";
import { ko } from "./ko.ts";
import type { TypedMessages } from "./messages.ts";

/** All strings of a tree by their path. */
function strings(tree: object, path = ""): [string, string][] {
  return Object.entries(tree).flatMap(([key, value]: [string, unknown]) =>
    typeof value === "string"
      ? [[`${path}${key}`, value] as [string, string]]
      : strings(value as object, `${path}${key}.`),
  );
}

const placeholders = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{(\w+)(?=[,}])/g)].map((match) => match[1] ?? ""))].sort();

describe.each([
  ["English", en, "en"],
  ["Korean", ko, "ko"],
] as const)("%s", (_, messages, locale) => {
  test("has a sentence for every error, also when the error carries nothing", () => {
    const failures: unknown[] = [];
    const t = createTranslator({
      locale,
      messages: messages as TypedMessages,
      onError: (error) => failures.push(error),
    });
    for (const code of errorCodes) {
      for (const params of [
        {},
        Object.fromEntries(Object.keys(ERROR_PLACEHOLDERS).map((name) => [name, "x1"])),
      ]) {
        const sentence = t(`errors.${code}`, errorValues(params));
        expect(sentence).not.toMatch(/none|[{}]|^errors\./);
      }
    }
    expect(failures).toEqual([]);
  });

  test("has no empty string", () => {
    expect(strings(messages).filter(([, text]) => text.trim() === "")).toEqual([]);
  });
});

test("both languages have the same keys, and each string the same placeholders", () => {
  const korean = new Map(strings(ko));
  for (const [path, text] of strings(en)) {
    expect(korean.has(path), path).toBe(true);
    expect(placeholders(korean.get(path) ?? ""), path).toEqual(placeholders(text));
  }
  expect(korean.size).toBe(strings(en).length);
});

/** Names, numbers and signs, which are the same in every language. */
const UNTRANSLATED = [
  "preferences.language",
  "session.endedMetric",
  "docker.title",
  "docker.column.id",
  "docker.port",
];

test("Korean strings are in Korean", () => {
  const latin = strings(ko).filter(([path, text]) => !/[가-힣]/.test(text) && path !== "app.name");
  expect(latin.map(([path]) => path)).toEqual(UNTRANSLATED);
});

test("an error's values come from the first parameter that is there", () => {
  expect(errorValues({ name: "ann" }).user).toBe("ann");
  expect(errorValues({}).user).toBe("none");
  expect(errorValues({ exitCode: 127 }).exitCode).toBe("127");
});
