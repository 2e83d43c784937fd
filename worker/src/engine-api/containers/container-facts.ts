import type { Digest } from "@slipway/protocol";
import type { SessionHost } from "../../session/session-host.ts";
import type { ImageUser } from "../images/image-users.ts";
import { summaryJson } from "./container-json.ts";

/** What images, volumes and the sums of `docker system df` have to know of a session's containers. */
export interface ContainerFacts {
  /** Containers that stand on an image, by its id. */
  onImage(session: SessionHost, image: Digest): readonly ImageUser[];
  /** Ids of containers that mount a volume. */
  onVolume(session: SessionHost, volume: string): readonly string[];
  /** All of them, as `/containers/json?all=1&size=1` has them. */
  listed(session: SessionHost): Promise<readonly object[]>;
}

export const containerFacts: ContainerFacts = {
  onImage: ({ containers }, image) =>
    containers
      .list()
      .filter(({ record }) => record.order.image.imageId === image)
      .map(({ id, running }) => ({ id, running: running !== null })),
  onVolume: ({ containers }, volume) =>
    containers
      .list()
      .filter(({ record }) =>
        record.order.mounts.some(({ type, source }) => type === "volume" && source === volume),
      )
      .map(({ id }) => id),
  listed: async (session) => session.containers.list().map((container) => summaryJson(container, session)),
};
