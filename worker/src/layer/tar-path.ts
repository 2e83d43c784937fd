/**
 * The path of a tar entry, relative and without `.` parts; "" for the root. Null when it has `..` or a null byte:
 * nothing honest writes those.
 */
export function entryPath(name: string): string | null {
  if (name.includes("\0")) return null;
  const parts: string[] = [];
  for (const part of name.split("/")) {
    if (part === "..") return null;
    if (part !== "" && part !== ".") parts.push(part);
  }
  return parts.join("/");
}
