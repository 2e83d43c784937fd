import { SlipwayError } from "@slipway/protocol";

/** What a `--chmod` makes of a mode. */
export type Chmod = (mode: number, isDirectory: boolean) => number;

const MAX_MODE = 0o7777;
const WHO: Readonly<Record<string, number>> = { u: 0o4700, g: 0o2070, o: 0o1007, a: 0o7777 };
/** Bits of a permission for all three; set-id and sticky belong to single ones. */
const PERMISSIONS: Readonly<Record<string, number>> = { r: 0o444, w: 0o222, x: 0o111, s: 0o6000, t: 0o1000 };
const CLAUSE = /^([ugoa]*)((?:[-+=](?:[rwxXst]+|[ugo])?)+)$/;

/**
 * Reads octal digits, which are the whole mode, or clauses as in chmod(1) (`u=rwX,go-w`), which change the mode that a file
 * has. As in BuildKit there is no umask: a clause that names nobody is for all. Rejects with `dockerfile-invalid`.
 */
export function parseChmod(text: string): Chmod {
  if (/^[0-7]+$/.test(text) && Number.parseInt(text, 8) <= MAX_MODE) {
    const mode = Number.parseInt(text, 8);
    return () => mode;
  }
  const changes = text.split(",").map((clause) => {
    const match = CLAUSE.exec(clause);
    if (!match) throw invalid(text);
    return clauseOf(match[1] ?? "", match[2] ?? "");
  });
  return (mode, isDirectory) => changes.reduce((changed, change) => change(changed, isDirectory), mode);
}

function clauseOf(who: string, operations: string): Chmod {
  const named = who === "" ? "a" : who;
  const mask = [...named].reduce((bits, name) => bits | (WHO[name] ?? 0), 0);
  const steps = [...operations.matchAll(/([-+=])([rwxXst]*|[ugo])(?=[-+=]|$)/g)];
  return (mode, isDirectory) =>
    steps.reduce((changed, [, operator = "", permissions = ""]) => {
      const bits = bitsOf(permissions, changed, isDirectory) & mask;
      if (operator === "+") return changed | bits;
      if (operator === "-") return changed & ~bits;
      // As chmod(1): set-id bits of a directory stay unless they are named.
      const kept = isDirectory ? changed & 0o6000 : 0;
      return (changed & ~mask) | bits | kept;
    }, mode);
}

function bitsOf(permissions: string, mode: number, isDirectory: boolean): number {
  if (permissions === "u") return spread(mode >> 6);
  if (permissions === "g") return spread(mode >> 3);
  if (permissions === "o") return spread(mode);
  let bits = 0;
  for (const letter of permissions) {
    if (letter === "X") bits |= isDirectory || mode & 0o111 ? 0o111 : 0;
    else bits |= PERMISSIONS[letter] ?? 0;
  }
  return bits;
}

/** The permissions of one, for all three. */
const spread = (bits: number): number => (bits & 7) * 0o111;

function invalid(text: string): SlipwayError {
  const shown = text.slice(0, 200);
  return new SlipwayError(
    "dockerfile-invalid",
    `--chmod=${shown} is neither an octal mode up to 07777 nor one as in chmod(1).`,
    { params: { chmod: shown } },
  );
}
