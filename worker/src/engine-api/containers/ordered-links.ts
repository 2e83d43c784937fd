import { CONTAINER_NAME } from "../../session/containers/container-ids.ts";
import type { ContainerOrder } from "../../session/containers/container-order.ts";
import type { SessionContainer } from "../../session/containers/session-container.ts";
import type { SessionHost } from "../../session/session-host.ts";
import { EngineError } from "../engine-error.ts";
import type { HostConfigBody } from "./create-body.ts";

/** Links of one container. */
const MOST_LINKS = 32;

/** `db`, `db:alias`, or as inspect shows it: `/db:/web/alias`. @throws EngineError 400 */
export function parseLink(text: string): { name: string; alias: string } {
  const [name = "", given = name, ...more] = text.split(":");
  const alias = given.slice(given.lastIndexOf("/") + 1);
  const link = { name: name.replace(/^\//, ""), alias };
  if (more.length === 0 && CONTAINER_NAME.test(link.name) && /^[A-Za-z0-9][A-Za-z0-9_.-]{0,127}$/.test(alias))
    return link;
  throw new EngineError(400, `bad format for links: ${text.slice(0, 256)}`);
}

export function parseLinks(texts: readonly string[]): { name: string; alias: string }[] {
  if (texts.length > MOST_LINKS) throw new EngineError(400, `a container has ${MOST_LINKS} links at most`);
  return texts.map(parseLink);
}

/** The links of a container to be, to containers that are there. @throws EngineError 400 */
export function orderedLinks(
  { Links, NetworkMode }: HostConfigBody,
  session: SessionHost,
): ContainerOrder["links"] {
  const links = parseLinks(Links ?? []);
  const [kind] = (NetworkMode ?? "").split(":");
  if (links.length > 0 && (kind === "host" || kind === "container")) {
    throw new EngineError(
      400,
      `conflicting options: ${kind} type networking can't be used with links. This would result in undefined behavior`,
    );
  }
  return links.map(({ name, alias }) => ({ container: linkable(name, session).id, alias }));
}

function linkable(name: string, session: SessionHost): SessionContainer {
  let found: SessionContainer;
  try {
    found = session.containers.find(name);
  } catch (error) {
    // Not 404, which clients take for a missing image.
    const why = error instanceof Error ? error.message : "";
    throw new EngineError(400, `could not get container for ${name}: ${why}`, error);
  }
  if (found.record.order.network.kind !== "host") return found;
  throw new EngineError(
    400,
    "conflicting options: host type networking can't be used with links. This would result in undefined behavior",
  );
}
