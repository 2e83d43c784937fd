/** Longest path of a file, characters. */
const MAX_PATH_CHARACTERS = 200;

export type FileNameProblem = "nameEmpty" | "nameTaken" | "nameInvalid";

/** What is wrong with a new file's name, for a person; the server decides for good. */
export function fileNameProblem(name: string, taken: readonly string[]): FileNameProblem | null {
  if (name === "") return "nameEmpty";
  if (taken.includes(name)) return "nameTaken";
  const segments = name.split("/");
  const wrong =
    name.length > MAX_PATH_CHARACTERS ||
    // Backslashes and control characters are allowed on Linux and confuse everyone.
    /[\\\p{Cc}]/u.test(name) ||
    name !== name.trim() ||
    segments.some((segment) => segment === "" || segment === "." || segment === "..");
  if (wrong) return "nameInvalid";
  return taken.some((path) => path.startsWith(`${name}/`) || name.startsWith(`${path}/`))
    ? "nameTaken"
    : null;
}
