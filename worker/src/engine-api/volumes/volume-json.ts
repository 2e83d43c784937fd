import type { Volume } from "../../session/volumes/session-volumes.ts";

/** Label of volumes that nobody gave a name (moby, volume/service). */
const ANONYMOUS_LABEL = "com.docker.volume.anonymous";

export const labelsOf = ({ labels, isAnonymous }: Volume): Readonly<Record<string, string>> =>
  isAnonymous ? { ...labels, [ANONYMOUS_LABEL]: "" } : labels;

/** A volume in the words of Docker's API; the path is what it would be on a Docker host. */
export function volumeJson(volume: Volume): object {
  const labels = labelsOf(volume);
  return {
    CreatedAt: new Date(volume.createdAt).toISOString().replace(/\.\d+Z$/, "Z"),
    Driver: "local",
    Labels: Object.keys(labels).length === 0 ? null : labels,
    Mountpoint: `/var/lib/docker/volumes/${volume.name}/_data`,
    Name: volume.name,
    Options: null,
    Scope: "local",
  };
}
