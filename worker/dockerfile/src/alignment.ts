/** An element of a list that is compared with an earlier one. */
export interface Alignable {
  /** Elements with the same text are the same. */
  readonly text: string;
  /** Only elements of one kind can have taken each other's place. */
  readonly kind: string;
}

/** Comparisons that one alignment may take; beyond, only equal beginnings and ends count. */
const MAX_COMPARISONS = 1_000_000;

/**
 * For each element of `now` its place in `before`: that of the same element, and between two of these that of the one whose
 * place it took; null for one that is new. So what was put in or taken out moves nothing else.
 */
export function align(before: readonly Alignable[], now: readonly Alignable[]): (number | null)[] {
  const partners = samePlaces(before, now);
  let start = { before: 0, now: 0 };
  for (let at = 0; at <= now.length; at += 1) {
    const partner = at === now.length ? before.length : partners[at];
    if (partner === null || partner === undefined) continue;
    pairReplaced(before, now, partners, start, { before: partner, now: at });
    start = { before: partner + 1, now: at + 1 };
  }
  return partners;
}

interface Places {
  readonly before: number;
  readonly now: number;
}

function pairReplaced(
  before: readonly Alignable[],
  now: readonly Alignable[],
  partners: (number | null)[],
  from: Places,
  to: Places,
): void {
  let next = from.before;
  for (let at = from.now; at < to.now; at += 1) {
    for (let place = next; place < to.before; place += 1) {
      if (before[place]?.kind !== now[at]?.kind) continue;
      partners[at] = place;
      next = place + 1;
      break;
    }
  }
}

/** A longest common subsequence: equal beginnings and ends first, the rest by dynamic programming. */
function samePlaces(before: readonly Alignable[], now: readonly Alignable[]): (number | null)[] {
  const partners: (number | null)[] = now.map(() => null);
  const shorter = Math.min(before.length, now.length);
  let head = 0;
  while (head < shorter && before[head]?.text === now[head]?.text) {
    partners[head] = head;
    head += 1;
  }
  let tail = 0;
  while (tail < shorter - head && before.at(-1 - tail)?.text === now.at(-1 - tail)?.text) {
    partners[now.length - 1 - tail] = before.length - 1 - tail;
    tail += 1;
  }
  const left = before.slice(head, before.length - tail);
  const right = now.slice(head, now.length - tail);
  if (left.length * right.length > MAX_COMPARISONS) return partners;
  for (const [old, fresh] of commonSubsequence(left, right)) partners[head + fresh] = head + old;
  return partners;
}

function commonSubsequence(left: readonly Alignable[], right: readonly Alignable[]): [number, number][] {
  const width = right.length + 1;
  // Length of the longest one of what follows each pair of places.
  const lengths = new Uint32Array((left.length + 1) * width);
  const at = (row: number, column: number) => lengths[row * width + column] ?? 0;
  for (let row = left.length - 1; row >= 0; row -= 1) {
    for (let column = right.length - 1; column >= 0; column -= 1) {
      lengths[row * width + column] =
        left[row]?.text === right[column]?.text
          ? at(row + 1, column + 1) + 1
          : Math.max(at(row + 1, column), at(row, column + 1));
    }
  }
  const pairs: [number, number][] = [];
  for (let row = 0, column = 0; row < left.length && column < right.length; ) {
    if (left[row]?.text === right[column]?.text) {
      pairs.push([row, column]);
      row += 1;
      column += 1;
    } else if (at(row + 1, column) >= at(row, column + 1)) row += 1;
    else column += 1;
  }
  return pairs;
}
