/**
 * Slipway can't go on, and a person can do something about it. The message is one sentence (or two) for that person;
 * what happened underneath is in `cause`, which goes to the log file and never to the screen.
 */
export class Refusal extends Error {
  /** @override */
  name = "Refusal";
}

/**
 * The sentence for an error that nobody foresaw, or the refusal's own.
 * @param {unknown} error
 * @returns {string}
 */
export function sentenceOf(error) {
  if (error instanceof Refusal) return error.message;
  if (isFull(error))
    return "The disk is full. Free some space and start again; what was done so far is kept.";
  return error instanceof Error ? `${error.name}: ${error.message}` : String(error);
}

/**
 * @param {unknown} error
 * @returns {boolean}
 */
function isFull(error) {
  for (let link = error; link instanceof Error; link = link.cause) {
    if ("code" in link && link.code === "ENOSPC") return true;
    if (/\bENOSPC\b|No space left on device/.test(link.message)) return true;
  }
  return false;
}
