const OCTAL = /^[0-7]{1,5}$/;
const CLAUSE = /^[ugoa]*(?:[-+=](?:[rwxXst]*|[ugo]))+$/;
/** Largest mode: permission bits, set-uid, set-gid and sticky. */
const MAX_MODE = 0o7777;

/** True for what `--chmod` may be given: octal digits, symbolic as in chmod(1), or text with variables in it. */
export function isMode(text: string): boolean {
  if (text.includes("$")) return true;
  if (OCTAL.test(text)) return Number.parseInt(text, 8) <= MAX_MODE;
  return text.split(",").every((clause) => CLAUSE.test(clause));
}
