const SIZE = /^(\d+(?:\.\d+)?)\s?([kmgtp])?(?:i?b)?$/i;
const POWERS = "kmgtp";

/** Bytes of a size such as `64m` or `1.5GB` in powers of 1024, or null (go-units' RAMInBytes). */
export function parseSize(text: string): number | null {
  const match = SIZE.exec(text.trim());
  if (!match) return null;
  const power = match[2] === undefined ? 0 : POWERS.indexOf(match[2].toLowerCase()) + 1;
  const bytes = Math.floor(Number(match[1]) * 1024 ** power);
  return Number.isSafeInteger(bytes) ? bytes : null;
}
