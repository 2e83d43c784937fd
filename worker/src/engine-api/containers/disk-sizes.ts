import type { Digest } from "@slipway/protocol";
import { filesOf } from "../../session/containers/container-ground.ts";
import type { SessionContainer } from "../../session/containers/session-container.ts";
import type { SessionHost } from "../../session/session-host.ts";
import { directoryBytes } from "../volumes/directory-bytes.ts";

/** Bytes of an image by the digest of its manifest; 0 for one that is no more. */
export type ImageBytes = (digest: Digest) => Promise<number>;

/** What a container has written over its image, bytes. */
export const writtenBytes = ({ disk }: SessionHost, { id }: SessionContainer): Promise<number> =>
  directoryBytes(filesOf(disk, id).upper);

/** What lists and inspect say with `size=1`. */
export async function diskSizes(
  session: SessionHost,
  container: SessionContainer,
  imageBytes: ImageBytes,
): Promise<{ readonly SizeRw: number; readonly SizeRootFs: number }> {
  const SizeRw = await writtenBytes(session, container);
  return { SizeRw, SizeRootFs: SizeRw + (await imageBytes(container.record.order.image.digest)) };
}
