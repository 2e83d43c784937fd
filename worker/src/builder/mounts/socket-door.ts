import { chmod, chown } from "node:fs/promises";
import { createConnection, createServer, type Server, type Socket } from "node:net";

/** Connections of one container at a time. */
const MAX_CONNECTIONS = 32;

/**
 * A socket for a container in front of one of this machine's: ssh-agent lets in nobody but its own user and root, and inside
 * of a container everybody is somebody else.
 */
export class SocketDoor {
  readonly #server: Server;
  readonly #open = new Set<Socket>();

  private constructor(target: string) {
    this.#server = createServer((near) => this.#connect(near, target));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Listens at `path`; ids are those of this machine. */
  static async open(
    path: string,
    target: string,
    access: { readonly uid: number; readonly gid: number; readonly mode: number },
  ): Promise<SocketDoor> {
    const door = new SocketDoor(target);
    await new Promise<void>((resolve, reject) => {
      door.#server.once("error", reject);
      door.#server.listen(path, resolve);
    });
    await chown(path, access.uid, access.gid);
    await chmod(path, access.mode & 0o777);
    return door;
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
  }

  #connect(near: Socket, target: string): void {
    const far = createConnection(target);
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      this.#open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => {
        this.#open.delete(one);
        other.destroy();
      });
      one.pipe(other);
    }
  }
}
