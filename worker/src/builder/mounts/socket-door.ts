import { chmodSync, chownSync, closeSync, constants, openSync } from "node:fs";
import { createConnection, createServer, type Server, type Socket } from "node:net";

/** Connections of one container at a time. */
const MAX_CONNECTIONS = 32;

/** A socket in a directory. */
export interface SocketPlace {
  readonly directory: string;
  readonly name: string;
}

/**
 * A socket for a container in front of one of this machine's: ssh-agent lets in nobody but its own user and root, and inside
 * of a container everybody is somebody else. Both are reached through descriptors of their directories, as the address of
 * a socket has room for 107 bytes (unix(7)).
 */
export class SocketDoor {
  readonly #server: Server;
  readonly #open = new Set<Socket>();
  readonly #directories: readonly number[];

  private constructor(target: string, directories: readonly number[]) {
    this.#directories = directories;
    this.#server = createServer((near) => this.#connect(near, target));
    this.#server.maxConnections = MAX_CONNECTIONS;
  }

  /** Listens at `place`; ids are those of this machine. */
  static async open(
    place: SocketPlace,
    target: SocketPlace,
    access: { readonly uid: number; readonly gid: number; readonly mode: number },
  ): Promise<SocketDoor> {
    const flags = constants.O_RDONLY | constants.O_DIRECTORY;
    const near = openSync(place.directory, flags);
    const far = openSync(target.directory, flags);
    const door = new SocketDoor(`/proc/self/fd/${far}/${target.name}`, [near, far]);
    const path = `/proc/self/fd/${near}/${place.name}`;
    try {
      await new Promise<void>((resolve, reject) => {
        door.#server.once("error", reject);
        door.#server.listen(path, resolve);
      });
      chownSync(path, access.uid, access.gid);
      chmodSync(path, access.mode & 0o777);
      return door;
    } catch (error) {
      await door.close();
      throw error;
    }
  }

  async close(): Promise<void> {
    const closed = new Promise((resolve) => this.#server.close(resolve));
    for (const socket of this.#open) socket.destroy();
    await closed;
    for (const directory of this.#directories) closeSync(directory);
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
