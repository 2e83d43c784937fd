import { parseReference } from "../../image-store/reference.ts";
import type { HostEvents } from "../../session/host-events.ts";
import { EngineError } from "../engine-error.ts";
import type { FilterSet } from "../filter-set.ts";
import type { BookedImage, ImageBook } from "./image-book.ts";
import { createdMs, type Listed } from "./image-filters.ts";
import { chainsOf } from "./image-json.ts";
import { bookName, isById, needImage, readReference } from "./image-lookup.ts";
import type { ImageUsers } from "./image-users.ts";
import { shortId } from "./progress-lines.ts";

/** One line of what `docker rmi` prints. */
export type Removed = { readonly Untagged: string } | { readonly Deleted: string };

export interface RemoveParts {
  readonly book: ImageBook;
  readonly users: ImageUsers;
  readonly events: Pick<HostEvents, "tell">;
}

const familiar = (full: string): string => parseReference(full).familiar;
const repositoryOf = (full: string): string => {
  const { domain, repository } = parseReference(full);
  return `${domain}/${repository}`;
};

/**
 * Takes a name away, and the image with its last one, by Docker's rules (moby, daemon/images/image_delete.go): an id of an
 * image with several names, or one that a container stands on, is a conflict, which `force` overrules unless it runs.
 */
export async function removeImage(parts: RemoveParts, text: string, force: boolean): Promise<Removed[]> {
  const { book } = parts;
  const image = needImage(book, text);
  if (isById(book, text)) return await removeById(parts, image, force);
  const name = bookName(readReference(text));
  const others = [...image.tags, ...image.digests].filter((other) => other !== name);
  // A digest goes with the last tag of its repository.
  const isLast = !others.some(
    (other) => image.tags.includes(other) || repositoryOf(other) !== repositoryOf(name),
  );
  if (!isLast) return [name, ...digestsThatGoWith(name, image)].map((gone) => untag(parts, image, gone));
  const user = parts.users(image.id)[0];
  if (user && !force) {
    throw conflict(
      `unable to remove repository reference ${quoted(familiar(name))} (must force) - container ${shortId(user.id)} is using its referenced image ${shortId(image.id)}`,
    );
  }
  checkRunning(parts, image);
  return await removeWhole(parts, image);
}

/** Digests of a repository of which no other tag is left. */
function digestsThatGoWith(name: string, { tags, digests }: BookedImage): string[] {
  const repository = repositoryOf(name);
  const isTagged = tags.some((tag) => tag !== name && repositoryOf(tag) === repository);
  if (isTagged || !tags.includes(name)) return [];
  return digests.filter((digest) => repositoryOf(digest) === repository);
}

async function removeById(parts: RemoveParts, image: BookedImage, force: boolean): Promise<Removed[]> {
  const repositories = new Set([...image.tags, ...image.digests].map(repositoryOf));
  const id = shortId(image.id);
  if (repositories.size > 1 && !force) {
    throw conflict(`unable to delete ${id} (must be forced) - image is referenced in multiple repositories`);
  }
  checkRunning(parts, image);
  const user = parts.users(image.id)[0];
  if (user && !force) {
    throw conflict(
      `unable to delete ${id} (must be forced) - image is being used by stopped container ${shortId(user.id)}`,
    );
  }
  return await removeWhole(parts, image);
}

function checkRunning({ users }: RemoveParts, image: BookedImage): void {
  const user = users(image.id).find(({ running }) => running);
  if (!user) return;
  throw conflict(
    `unable to delete ${shortId(image.id)} (cannot be forced) - image is being used by running container ${shortId(user.id)}`,
  );
}

/** Removes what no container stands on and the filter lets through; unnamed images alone unless it says otherwise. */
export async function pruneImages(
  parts: RemoveParts,
  images: readonly Listed[],
  filters: FilterSet,
): Promise<{ readonly ImagesDeleted: Removed[] | null; readonly SpaceReclaimed: number }> {
  const onlyUnnamed = filters.flag("dangling") ?? true;
  const until = filters.moment("until", Date.now());
  const removed: Removed[] = [];
  let bytes = 0;
  for (const { booked, image } of images) {
    if (onlyUnnamed && booked.tags.length > 0) continue;
    if (until !== null && createdMs(image) > until) continue;
    if (!filters.labels(image.config.config?.Labels ?? {})) continue;
    if (parts.users(booked.id).length > 0) continue;
    removed.push(...(await removeWhole(parts, booked)));
    bytes += image.sizeBytes;
  }
  return { ImagesDeleted: removed.length === 0 ? null : removed, SpaceReclaimed: bytes };
}

function untag({ book, events }: RemoveParts, image: BookedImage, name: string): Removed {
  book.untag(name);
  events.tell({ type: "image", action: "untag", id: image.id, attributes: { name: familiar(name) } });
  return { Untagged: familiar(name) };
}

async function removeWhole(parts: RemoveParts, booked: BookedImage): Promise<Removed[]> {
  const { book, events } = parts;
  const removed = [...booked.tags, ...booked.digests].map((name) => untag(parts, booked, name));
  const image = await book.image(booked.id).catch(() => null);
  book.remove(booked.id);
  events.tell({ type: "image", action: "delete", id: booked.id, attributes: { name: booked.id } });
  const left = new Set<string>();
  for (const { id } of book.list()) {
    const other = await book.image(id).catch(() => null);
    if (other) for (const chain of chainsOf(other)) left.add(chain);
  }
  const gone = image ? chainsOf(image).filter((chain) => !left.has(chain)) : [];
  return [...removed, { Deleted: booked.id }, ...gone.map((Deleted) => ({ Deleted }))];
}

const quoted = (text: string): string => JSON.stringify(text);
const conflict = (why: string): EngineError => new EngineError(409, `conflict: ${why}`);
