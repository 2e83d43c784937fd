import { expect, test } from "vitest";
import { negotiateLanguage } from "./language.ts";

test.each([
  [undefined, "ko-KR,ko;q=0.9,en-US;q=0.8", "ko"],
  [undefined, "en-US,en;q=0.9,ko;q=0.8", "en"],
  [undefined, "fr-FR,fr;q=0.9,ko;q=0.2,en;q=0.1", "ko"],
  [undefined, "ko;q=0, en;q=0.1", "en"],
  [undefined, "fr", "en"],
  [undefined, null, "en"],
  ["ko", "en", "ko"],
  ["xx", "ko", "ko"],
])("cookie %j and Accept-Language %j answer in %s", (chosen, accept, language) => {
  expect(negotiateLanguage(chosen, accept)).toBe(language);
});

test("an Accept-Language of junk answers in the first language", () => {
  expect(negotiateLanguage(undefined, ";;;q=,,q=9;ko-;;-ko;q=abc")).toBe("en");
});
