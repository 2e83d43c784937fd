import type { Digest } from "@slipway/protocol";
import type { SessionHost } from "../session/session-host.ts";
import type { ImageUser } from "./images/image-users.ts";

/** What images, volumes and the sums of `docker system df` have to know of a session's containers. */
export interface ContainerFacts {
  /** Containers that stand on an image, by its id. */
  onImage(session: SessionHost, image: Digest): readonly ImageUser[];
  /** Ids of containers that mount a volume. */
  onVolume(session: SessionHost, volume: string): readonly string[];
  /** All of them, as `/containers/json?all=1&size=1` has them. */
  listed(session: SessionHost): Promise<readonly object[]>;
}

/** A session with no container but its main one. */
export const noContainers: ContainerFacts = {
  onImage: () => [],
  onVolume: () => [],
  listed: async () => [],
};
