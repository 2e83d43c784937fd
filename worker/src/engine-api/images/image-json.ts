import type { ImageLayer } from "@slipway/protocol";
import type { Image } from "../../image-store/image-store.ts";
import { chainOf } from "../../image-store/layer-view.ts";
import { parseReference } from "../../image-store/reference.ts";
import type { BookedImage } from "./image-book.ts";

/* Images in the words of Docker's API (api/swagger.yaml of moby: ImageSummary, ImageInspect, HistoryResponseItem). */

/** From this minor version of the API on, what has no name has empty lists, and VirtualSize is gone. */
const LISTS_MAY_BE_EMPTY = 43;
const NO_VIRTUAL_SIZE = 44;

const familiar = (full: string): string => parseReference(full).familiar;
const seconds = (time: string | undefined): number =>
  Math.max(0, Math.floor(Date.parse(time ?? "") / 1000) || 0);

export interface SummaryOptions {
  /** Minor version of the API. */
  readonly minor: number;
  /** Bytes that other images of the session have too; -1 where nobody asked. */
  readonly sharedBytes: number;
  /** Containers of the image; -1 where nobody asked. */
  readonly containers: number;
}

export function summaryJson(booked: BookedImage, image: Image, options: SummaryOptions): object {
  const tags = booked.tags.map(familiar);
  const digests = booked.digests.map(familiar);
  const old = options.minor < LISTS_MAY_BE_EMPTY;
  const isNameless = old && tags.length === 0;
  return {
    Id: booked.id,
    ParentId: booked.parent ?? "",
    RepoTags: isNameless && digests.length === 0 ? ["<none>:<none>"] : tags,
    RepoDigests: isNameless && digests.length === 0 ? ["<none>@<none>"] : digests,
    Created: seconds(image.config.created),
    Size: image.sizeBytes,
    ...(options.minor < NO_VIRTUAL_SIZE && { VirtualSize: image.sizeBytes }),
    SharedSize: options.sharedBytes,
    Labels: image.config.config?.Labels ?? null,
    Containers: options.containers,
  };
}

const NEVER = "0001-01-01T00:00:00Z";
const text = (value: unknown): string => (typeof value === "string" ? value : "");

export function inspectJson(booked: BookedImage, image: Image, minor: number): object {
  const { config } = image;
  return {
    Id: booked.id,
    RepoTags: booked.tags.map(familiar),
    RepoDigests: booked.digests.map(familiar),
    Parent: booked.parent ?? "",
    Comment: text(config.history?.at(-1)?.comment ?? config.comment),
    Created: config.created ?? NEVER,
    Container: "",
    DockerVersion: "",
    Author: text(config.author),
    Config: configJson(image),
    Architecture: config.architecture,
    ...(text(config.variant) !== "" && { Variant: config.variant }),
    Os: config.os,
    Size: image.sizeBytes,
    ...(minor < NO_VIRTUAL_SIZE && { VirtualSize: image.sizeBytes }),
    GraphDriver: { Name: "overlay2", Data: null },
    RootFS: { Type: "layers", Layers: config.rootfs.diff_ids },
    Metadata: { LastTagTime: booked.taggedAt === 0 ? NEVER : new Date(booked.taggedAt).toISOString() },
  };
}

/** The image's execution parameters with all fields that Docker always has. */
export function configJson({ config }: Pick<Image, "config">): object {
  const own = config.config ?? {};
  return {
    Hostname: "",
    Domainname: "",
    AttachStdin: false,
    AttachStdout: false,
    AttachStderr: false,
    Tty: false,
    OpenStdin: false,
    StdinOnce: false,
    Image: "",
    OnBuild: null,
    ...own,
    User: own.User ?? "",
    Env: own.Env ?? null,
    Cmd: own.Cmd ?? null,
    Volumes: own.Volumes ?? null,
    WorkingDir: own.WorkingDir ?? "",
    Entrypoint: own.Entrypoint ?? null,
    Labels: own.Labels ?? null,
  };
}

type HistoryLine = NonNullable<Image["config"]["history"]>[number];

/** The newest line comes first; only that one has an id, as images here have no images that they were made of. */
export function historyJson(booked: BookedImage, image: Image, layers: readonly ImageLayer[]): object[] {
  const history = image.config.history ?? [];
  const sizes = layers.map(({ sizeBytes }) => sizeBytes);
  // A history that says less than there are layers is told by its layers alone.
  const lines: readonly HistoryLine[] =
    history.filter(({ empty_layer: empty }) => !empty).length === sizes.length
      ? history
      : sizes.map((): HistoryLine => ({}));
  let layer = 0;
  const items = lines.map((line) => ({
    Id: "<missing>",
    Created: seconds(line.created ?? image.config.created),
    CreatedBy: line.created_by ?? "",
    Tags: null as string[] | null,
    Size: line.empty_layer ? 0 : (sizes[layer++] ?? 0),
    Comment: line.comment ?? "",
  }));
  const newest = items.at(-1);
  if (newest) Object.assign(newest, { Id: booked.id, Tags: booked.tags.map(familiar) });
  return items.reverse();
}

/** What `docker rmi` says of layers: their chainIDs, the topmost first. */
export const chainsOf = (image: Image): string[] => chainOf(image).toReversed();
