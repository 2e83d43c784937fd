import { LanguageDescription, LanguageSupport, StreamLanguage } from "@codemirror/language";
import { languages } from "@codemirror/language-data";
import { loadChunk } from "../../ui/load-chunk.ts";
import { isDockerfile, isIgnoreFile } from "./file-kinds.ts";

const dockerfile = LanguageDescription.of({
  name: "Dockerfile",
  load: async () => {
    const { dockerFile } = await import("@codemirror/legacy-modes/mode/dockerfile");
    return new LanguageSupport(StreamLanguage.define(dockerFile));
  },
});

const ignoreFile = LanguageDescription.of({
  name: "Ignore file",
  load: async () => {
    const { ignoreFileMode } = await import("./ignore-file-mode.ts");
    return new LanguageSupport(StreamLanguage.define(ignoreFileMode));
  },
});

/** The language of a file by its name; null for plain text. */
export function languageOf(path: string): LanguageDescription | null {
  if (isIgnoreFile(path)) return ignoreFile;
  if (isDockerfile(path)) return dockerfile;
  return LanguageDescription.matchFilename(languages, path.slice(path.lastIndexOf("/") + 1));
}

/** The language's support, at once where it was loaded before; each language is a chunk of its own. */
export async function loadLanguage(language: LanguageDescription): Promise<LanguageSupport> {
  return language.support ?? (await loadChunk(() => language.load()));
}
