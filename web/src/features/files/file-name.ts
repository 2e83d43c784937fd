/** Longest path of a file, characters. */
const MAX_PATH_CHARACTERS = 200;

export type FileNameProblem = "nameEmpty" | "nameTaken" | "nameInvalid";

/**
 * What is wrong with a new name, for a person; the server decides for good. `taken` are the paths of files, which have
 * nothing in them; `folders` may hold more.
 */
export function fileNameProblem(
  name: string,
  taken: readonly string[],
  folders: readonly string[] = [],
): FileNameProblem | null {
  if (name === "" || name.endsWith("/")) return "nameEmpty";
  if (taken.includes(name) || folders.includes(name)) return "nameTaken";
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
