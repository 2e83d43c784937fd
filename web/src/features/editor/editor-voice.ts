import type { FixTitle, LintDiagnostic, LintRule } from "@slipway/dockerfile";
import type { useTranslations } from "use-intl";
import type { Language } from "../../ui/language/language.ts";
import type { Docs } from "./docs/docs.ts";

type Translate = ReturnType<typeof useTranslations<never>>;

/** All that the editor says, in the person's language. */
export interface EditorVoice {
  /** Name of the text field for a file. */
  readonly label: (path: string) => string;
  /** A sentence for what parser or checks found; `word` is the text that it is about. */
  readonly say: (diagnostic: LintDiagnostic, word: string) => string;
  readonly fix: (title: FixTitle) => string;
  readonly ignoreProblem: (message: string) => string;
  readonly variable: (name: string, value: string | null, line: number | null) => string;
  readonly stage: (name: string, image: string, line: number) => string;
  /** Words of CodeMirror's own panels. */
  readonly phrases: Readonly<Record<string, string>>;
  readonly docs: () => Promise<Docs>;
}

/** Explanations are long, so each language is a chunk of its own that comes with the first wish to see one. */
const loadDocs = (language: Language): Promise<Docs> =>
  (language === "ko" ? import("./docs/ko-docs.ts") : import("./docs/en-docs.ts")).then(({ docs }) => docs);

export function editorVoice(t: Translate, language: Language): EditorVoice {
  return {
    label: (path) => t("playground.editorFor", { path }),
    say: ({ code, suggestion }, word) => {
      const isCheck = t.has(`checks.${code as LintRule}`);
      const sentence = isCheck
        ? t(`checks.${code as LintRule}`)
        : t(`diagnostics.${code as Exclude<typeof code, LintRule>}`, { word });
      return suggestion === null ? sentence : `${sentence} ${t("didYouMean", { suggestion })}`;
    },
    fix: ({ kind, text }) => t(`editor.fix.${kind}`, { text }),
    ignoreProblem: (message) => t("editor.ignoreProblem", { message }),
    variable: (name, value, line) => {
      if (line === null) return t("editor.variablePredefined", { name });
      return value === null
        ? t("editor.variableUnset", { name, line: String(line) })
        : t("editor.variable", { name, value, line: String(line) });
    },
    stage: (name, image, line) => t("editor.stage", { name, image, line: String(line) }),
    phrases: {
      Completions: t("editor.phrases.completions"),
      Diagnostics: t("editor.phrases.diagnostics"),
      "No diagnostics": t("editor.phrases.noDiagnostics"),
      close: t("editor.phrases.close"),
    },
    docs: () => loadDocs(language),
  };
}
