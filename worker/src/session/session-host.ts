import type { LaunchRequest, SessionId } from "@slipway/protocol";
import type { Disk } from "../disk/disk.ts";
import type { SessionNetwork } from "../network/network.ts";
import type { Container } from "../runtime/runtime.ts";
import type { IdRange } from "../snapshot/snapshotter.ts";
import { SessionContainers } from "./containers/session-containers.ts";
import { HostEvents } from "./host-events.ts";
import type { Launched } from "./launch.ts";
import type { SessionParts } from "./parts.ts";
import type { Place } from "./place.ts";
import type { SessionRecord } from "./record.ts";

/** What a running session is to a docker client inside of it: a host of its own. It is over when the session ends. */
export interface HostGround {
  readonly id: SessionId;
  readonly place: Place;
  /** Milliseconds since the epoch. */
  readonly begunAt: number;
  /** What the session was launched with: its image, and the limits of all of its containers together. */
  readonly request: LaunchRequest;
  readonly ids: IdRange;
  /** With the limit of all that containers, volumes and logs of the session write together. */
  readonly disk: Disk;
  /** The host namespace, in which the main container runs. */
  readonly network: SessionNetwork;
  /** The main container, which is the machine that a person sees: paths of `-v` are paths in it. */
  readonly main: Container;
  /** What has happened to the session's containers, images, volumes and networks. */
  readonly events: HostEvents;
}

/** A host together with what docker made on it. */
export interface SessionHost extends HostGround {
  readonly containers: SessionContainers;
}

/** Makes the host of a session that runs. Its containers are those that are made from now on, until `recover`. */
export function serve(parts: SessionParts, record: SessionRecord, launched: Launched): SessionHost {
  const { place, begunAt, request, slot } = record;
  const { ground, main } = launched;
  const host: HostGround = {
    id: request.sessionId,
    place,
    begunAt,
    request,
    ids: parts.ids.range(slot),
    disk: ground.disk,
    network: ground.network,
    main: main.container,
    events: new HostEvents(),
  };
  return { ...host, containers: new SessionContainers(parts, host) };
}
