import { createHash } from "node:crypto";

/*
 * Objects of git and the names that they have: SHA-1 of a header and the content. https://git-scm.com/book/en/v2/Git-Internals-Git-Objects
 */

export type ObjectKind = "commit" | "tree" | "blob";

export interface GitObject {
  readonly kind: ObjectKind;
  readonly content: Buffer;
}

/** 40 hexadecimal digits. */
export const nameOf = ({ kind, content }: GitObject): string =>
  createHash("sha1").update(`${kind} ${content.length}\0`).update(content).digest("hex");

export interface TreeEntry {
  readonly name: string;
  readonly mode: "100644" | "100755" | "40000";
  /** Name of the object. */
  readonly object: string;
}

/** Entries are sorted by the bytes of their names, those of folders with a slash at the end. */
export function treeObject(entries: readonly TreeEntry[]): GitObject {
  const key = ({ name, mode }: TreeEntry) => Buffer.from(mode === "40000" ? `${name}/` : name);
  const sorted = [...entries].sort((a, b) => Buffer.compare(key(a), key(b)));
  const parts = sorted.flatMap(({ name, mode, object }) => [
    Buffer.from(`${mode} ${name}\0`),
    Buffer.from(object, "hex"),
  ]);
  return { kind: "tree", content: Buffer.concat(parts) };
}

export interface CommitParts {
  readonly tree: string;
  readonly parent: string | null;
  readonly at: number;
  readonly message: string;
}

const AUTHOR = "Slipway <playground@slipway.invalid>";

export function commitObject({ tree, parent, at, message }: CommitParts): GitObject {
  const who = `${AUTHOR} ${Math.floor(at / 1000)} +0000`;
  const lines = [
    `tree ${tree}`,
    ...(parent === null ? [] : [`parent ${parent}`]),
    `author ${who}`,
    `committer ${who}`,
    "",
    message,
    "",
  ];
  return { kind: "commit", content: Buffer.from(lines.join("\n")) };
}
