import type { Digest } from "@slipway/protocol";
import { parseReference, type Reference } from "../../image-store/reference.ts";
import { EngineError } from "../engine-error.ts";
import type { BookedImage, ImageBook } from "./image-book.ts";

const WHOLE_ID = /^(?:sha256:)?([0-9a-f]{64})$/;
const PART_OF_ID = /^(?:sha256:)?([0-9a-f]{1,63})$/;

/** A name as people write it, in its parts. Throws Docker's 400 for what is no name. */
export function readReference(text: string): Reference {
  try {
    return parseReference(text);
  } catch {
    const upper = text !== text.toLowerCase() && isReference(text.toLowerCase());
    throw new EngineError(
      400,
      upper
        ? `invalid reference format: repository name (${text.slice(0, 200)}) must be lowercase`
        : "invalid reference format",
    );
  }
}

function isReference(text: string): boolean {
  try {
    parseReference(text);
    return true;
  } catch {
    return false;
  }
}

/** Under which name the book has what a registry gave a digest for: `docker.io/library/node@sha256:…`. */
export const digestName = ({ domain, repository }: Reference, digest: string): string =>
  `${domain}/${repository}@${digest}`;

/** As Docker shows a repository, without tag and digest: `node`. */
export function bareName({ familiar, tag, digest }: Reference): string {
  const rest = digest === null ? familiar : familiar.slice(0, -digest.length - 1);
  return tag === null ? rest : rest.slice(0, -tag.length - 1);
}

/** The name that the book has for a reference: what has a digest goes by that alone, as in Docker. */
export const bookName = (reference: Reference): string =>
  reference.digest === null ? reference.full : digestName(reference, reference.digest);

/**
 * The image that people mean by a name or an id, whole or cut, in Docker's order (moby, daemon/images/image.go): whole ids,
 * then names, then beginnings of ids. Null where there is none, or more than one.
 */
export function findImage(book: ImageBook, text: string): BookedImage | null {
  const whole = WHOLE_ID.exec(text)?.[1];
  if (whole !== undefined) return book.get(`sha256:${whole}` as Digest);
  const id = book.named(bookName(readReference(text)));
  if (id !== null) return book.get(id);
  const part = PART_OF_ID.exec(text)?.[1];
  if (part === undefined) return null;
  const found = book.list().filter((image) => image.id.startsWith(`sha256:${part}`));
  return found.length === 1 ? (found[0] ?? null) : null;
}

/** As `findImage`, but what is missing is Docker's 404. */
export function needImage(book: ImageBook, text: string): BookedImage {
  const found = findImage(book, text);
  if (found) return found;
  throw new EngineError(404, `No such image: ${shownName(text)}`);
}

/** True where the text means an image by its id, and by no name. */
export function isById(book: ImageBook, text: string): boolean {
  if (WHOLE_ID.test(text)) return true;
  return PART_OF_ID.test(text) && book.named(bookName(readReference(text))) === null;
}

/** What a message calls it: names have their tag, ids stay as they are. */
export function shownName(text: string): string {
  return WHOLE_ID.test(text) ? text : readReference(text).familiar;
}
