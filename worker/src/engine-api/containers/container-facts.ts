import type { Digest } from "@slipway/protocol";
import type { SessionHost } from "../../session/session-host.ts";
import type { ImageUser } from "../images/image-users.ts";
import { summaryJson } from "./container-json.ts";
import { diskSizes, type ImageBytes } from "./disk-sizes.ts";

/** What images, volumes and the sums of `docker system df` have to know of a session's containers. */
export interface ContainerFacts {
  /** Containers that stand on an image, by its id. */
  onImage(session: SessionHost, image: Digest): readonly ImageUser[];
  /** Ids of containers that mount a volume. */
  onVolume(session: SessionHost, volume: string): readonly string[];
  /** All of them, as `/containers/json?all=1&size=1` has them. */
  listed(session: SessionHost, imageBytes: ImageBytes): Promise<readonly object[]>;
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
  listed: async (session, imageBytes) => {
    const list: object[] = [];
    for (const container of session.containers.list().reverse()) {
      const sizes = await diskSizes(session, container, imageBytes);
      list.push({ ...summaryJson(container, session), ...sizes });
    }
    return list;
  },
};
