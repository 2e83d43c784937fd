import path from "node:path";
import type { SessionId } from "@slipway/protocol";
import type { ImageStore } from "../../image-store/image-store.ts";
import type { SessionHost } from "../../session/session-host.ts";
import type { ContainerFacts } from "../containers/container-facts.ts";
import type { SessionKeeper } from "../session-engines.ts";
import { ImageBook } from "./image-book.ts";
import type { ImageUser } from "./image-users.ts";
import { SessionImages } from "./session-images.ts";

/** What the image that the session runs is called in it. */
const OWN_NAME = "docker.io/library/playground:latest";

/**
 * The images of all sessions that docker clients are answered for. A session begins with the image that it runs itself; what
 * the worker has besides is there at the first pull, build or run that names it, without a byte being moved.
 */
export class HostImages implements SessionKeeper {
  readonly #store: ImageStore;
  readonly #containers: Pick<ContainerFacts, "onImage">;
  readonly #sessions = new Map<SessionId, Promise<SessionImages>>();

  constructor(store: ImageStore, containers: Pick<ContainerFacts, "onImage">) {
    this.#store = store;
    this.#containers = containers;
  }

  async begin(session: SessionHost): Promise<void> {
    await this.of(session);
  }

  /** Those of one session; they are kept on its disk, and so are there again after a restart of the worker. */
  async of(session: SessionHost): Promise<SessionImages> {
    let images = this.#sessions.get(session.id);
    if (!images) {
      images = this.#open(session);
      this.#sessions.set(session.id, images);
      images.catch(() => this.#sessions.delete(session.id));
    }
    return await images;
  }

  /** The session is over, or somebody else's: the worker's store may give its images up. */
  async end(id: SessionId): Promise<void> {
    const images = await this.#sessions.get(id)?.catch(() => null);
    this.#sessions.delete(id);
    images?.book.close();
  }

  async #open(session: SessionHost): Promise<SessionImages> {
    const store = this.#store;
    const own = await store.get(session.request.image);
    const { book, isNew } = await ImageBook.open(path.join(session.disk.directory, "images"), store);
    if (isNew && own) book.add(own, [OWN_NAME]);
    const main: ImageUser = { id: session.place.container, running: true };
    return new SessionImages({
      book,
      store,
      events: session.events,
      users: (image) => [
        ...(image === own?.imageId ? [main] : []),
        ...this.#containers.onImage(session, image),
      ],
    });
  }
}
