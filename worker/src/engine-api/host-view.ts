import {
  HOST_TEXT_CHARACTERS,
  type HostContainer,
  type HostImage,
  MAX_HOST_CONTAINERS,
  MAX_HOST_IMAGES,
  MAX_HOST_NAMES,
  MAX_HOST_PORTS,
  type SessionHostView,
} from "@slipway/protocol";
import { parseReference } from "../image-store/reference.ts";
import type { SessionContainer } from "../session/containers/session-container.ts";
import { shownText } from "../session/inside/process-status.ts";
import type { SessionHost } from "../session/session-host.ts";
import type { ImageBook } from "./images/image-book.ts";

/** What docker has made in a session, for its page. */
export async function hostView(session: SessionHost, book: ImageBook): Promise<SessionHostView> {
  const containers = session.containers.list();
  const images = book.list();
  const shown = await Promise.all(images.slice(0, MAX_HOST_IMAGES).map(({ id }) => imageView(book, id)));
  return {
    containers: containers.slice(0, MAX_HOST_CONTAINERS).map(containerView),
    images: shown.filter((image) => image !== null),
    cut: containers.length > MAX_HOST_CONTAINERS || images.length > MAX_HOST_IMAGES,
  };
}

const short = (text: string): string => shownText(text, HOST_TEXT_CHARACTERS);

function containerView({ id, name, state, record, health }: SessionContainer): HostContainer {
  const { order, createdAt } = record;
  const published = state.status === "running" || state.status === "paused" ? state.ports : [];
  const isOver = state.status === "exited" || state.status === "restarting";
  return {
    id,
    name: short(name),
    image: short(order.image.reference),
    command: short(order.args.join(" ")),
    state: state.status,
    exitCode: isOver ? state.exitCode : null,
    health: health?.status ?? null,
    createdAt,
    since: isOver ? state.finishedAt : "startedAt" in state ? state.startedAt : createdAt,
    ports: published
      .slice(0, MAX_HOST_PORTS)
      .map(({ port, hostPort, protocol }) => ({ port, hostPort, protocol })),
  };
}

/** Null for one that has gone meanwhile. */
async function imageView(book: ImageBook, id: HostImage["id"]): Promise<HostImage | null> {
  const [booked, image] = [book.get(id), await book.image(id).catch(() => null)];
  if (booked === null || image === null) return null;
  const createdAt = Date.parse(image.config.created ?? "");
  return {
    id,
    names: booked.tags.slice(0, MAX_HOST_NAMES).map((full) => short(parseReference(full).familiar)),
    bytes: image.sizeBytes,
    createdAt: Number.isFinite(createdAt) ? Math.max(0, createdAt) : 0,
  };
}
