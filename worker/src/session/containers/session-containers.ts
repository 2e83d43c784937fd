import { SlipwayError } from "@slipway/protocol";
import type { Lease } from "../../image-store/image-store.ts";
import type { ListeningPort } from "../../network/listening-ports.ts";
import type { SessionParts } from "../parts.ts";
import type { HostGround } from "../session-host.ts";
import { conflict } from "./conflict.ts";
import { removeFiles } from "./container-ground.ts";
import { CONTAINER_NAME, inventName, keeperId, newContainerId, shortId } from "./container-ids.ts";
import { withLinkedEnv } from "./container-links.ts";
import { type ContainerOrder, DEFAULT_NETWORK } from "./container-order.ts";
import { ContainerRecords } from "./container-records.ts";
import { type RunningContainer, withHome } from "./container-start.ts";
import { ExecProcesses } from "./exec-processes.ts";
import { publishedPorts } from "./published-ports.ts";
import { RestartTimers } from "./restart-timers.ts";
import { type ContainerSurroundings, SessionContainer } from "./session-container.ts";
import { SessionNetworks } from "./session-networks.ts";
import { hideFiles } from "./shown-files.ts";

/** Containers of one session, those that have ended among them. */
export const MAX_SESSION_CONTAINERS = 100;
/** After a start the machine is left alone for so long, before a place in the network is made for the next one. */
const NEXT_PLACE_MS = 100;

/** The further containers of a session: what docker makes in it. */
export class SessionContainers {
  readonly #parts: SessionParts;
  readonly #host: HostGround;
  readonly #records: ContainerRecords;
  readonly #containers = new Map<string, SessionContainer>();
  readonly #leases = new Map<string, Lease>();
  readonly #restarts = new RestartTimers();
  readonly execs: ExecProcesses;
  readonly networks: SessionNetworks;
  #publishing: Promise<unknown> = Promise.resolve();
  #isOver = false;
  #nextPlace: NodeJS.Timeout | undefined;
  #changes = 0;

  constructor(parts: SessionParts, host: HostGround) {
    this.#parts = parts;
    this.#host = host;
    this.#records = new ContainerRecords(parts.directory, host.place.name);
    this.execs = new ExecProcesses(parts, host);
    this.networks = new SessionNetworks(this.#records.networksFile, [parts.network.pool]);
  }

  /** Another number whenever a container has come, gone, or changed its state. */
  get changes(): number {
    return this.#changes;
  }

  /** What docker calls a container, by its whole id; null where it made none of this id. */
  nameOf(id: string): string | null {
    return this.#containers.get(id)?.name ?? null;
  }

  /** What their published ports make of the session: TCP ports at which something answers. */
  publishedPorts(): ListeningPort[] {
    const states = this.list().map(({ state }) => state);
    return states
      .flatMap((state) => (state.status === "running" || state.status === "paused" ? state.ports : []))
      .filter(({ protocol }) => protocol === "tcp")
      .map(({ hostPort, hostAddress }) => ({
        port: hostPort,
        loopbackOnly: hostAddress.startsWith("127."),
      }));
  }

  /** In the order in which they were made. */
  list(): SessionContainer[] {
    return [...this.#containers.values()];
  }

  /** By id, name, or the beginning of an id. Throws `container-missing`, and `container-conflict` where several begin so. */
  find(reference: string): SessionContainer {
    const wanted = reference.replace(/^\//, "");
    const exact = this.#containers.get(wanted) ?? this.list().find(({ name }) => name === wanted);
    if (exact) return exact;
    const found = /^[0-9a-f]+$/.test(wanted) ? this.list().filter(({ id }) => id.startsWith(wanted)) : [];
    if (found.length > 1) throw conflict(`Multiple IDs found with provided prefix: ${wanted}`);
    if (found[0]) return found[0];
    throw new SlipwayError("container-missing", `No such container: ${wanted.slice(0, 256)}`);
  }

  /**
   * Makes a container, which does not run yet.
   * @throws request-invalid, container-conflict, container-limit
   */
  create(name: string | null, order: ContainerOrder): SessionContainer {
    if (this.#isOver) throw conflict("the session ends");
    if (this.#containers.size >= MAX_SESSION_CONTAINERS) {
      throw new SlipwayError(
        "container-limit",
        `This session has ${MAX_SESSION_CONTAINERS} containers, which is as many as it may have. Remove some of them.`,
        { params: { limit: MAX_SESSION_CONTAINERS } },
      );
    }
    const chosen = name ?? inventName((invented) => this.#named(invented) !== undefined);
    this.#checkName(chosen);
    const id = newContainerId();
    const hostname = order.hostname === "" ? shortId(id) : order.hostname;
    const env = order.env.map((entry) => (entry === "HOSTNAME=" ? `HOSTNAME=${hostname}` : entry));
    const container = this.#add({
      id,
      name: chosen,
      createdAt: Date.now(),
      order: { ...order, hostname, env },
      state: { status: "created" },
      restarts: 0,
      wasStopped: false,
    });
    this.#records.write(container.record);
    this.#event(container, "create");
    this.#changes += 1;
    return container;
  }

  async rename(container: SessionContainer, name: string): Promise<void> {
    this.#checkName(name);
    await container.rename(name);
  }

  /** Removes a container that does not run, or any with `force`. @throws container-conflict */
  async remove(container: SessionContainer, { force }: { readonly force: boolean }): Promise<void> {
    if (container.isRemoved) throw conflict(`removal of container ${container.id} is already in progress`);
    // Who is about to be started again counts as running.
    const runs = container.running !== null || container.state.status === "restarting";
    if (runs && !force) {
      throw conflict(
        `You cannot remove a ${container.state.status} container ${container.id}. Stop the container before attempting removal or force remove`,
      );
    }
    this.#restarts.cancel(container.id);
    await container.remove();
    await this.#forget(container);
    this.#event(container, "destroy");
    this.#changes += 1;
  }

  async #forget(container: SessionContainer): Promise<void> {
    this.#containers.delete(container.id);
    await removeFiles(this.#host.disk, container.id);
    this.#records.remove(container.id);
    this.#leases.get(container.id)?.release();
    this.#leases.delete(container.id);
    container.gone();
  }

  /** Takes over what an earlier worker process left; called once, before anything else. */
  async recover(): Promise<void> {
    for (const record of await this.#records.readAll()) {
      const cutOff = record.state.status === "starting";
      const container = this.#add(cutOff ? { ...record, state: { status: "created" } } : record);
      await container.adopt(...(await this.#alive(container)));
      await this.#settle(container);
      // Somebody may have been copying its files.
      await hideFiles(this.#parts, container.id, container.running !== null);
      this.#afterEnd(container);
    }
  }

  /** A kill may have cut off a change of its networks. */
  async #settle(container: SessionContainer): Promise<void> {
    const { state } = container;
    // A worker that knew no networks of sessions wrote down no ends.
    if (container.running === null || !("ends" in state) || Object.keys(state.ends).length === 0) return;
    await container.settle().catch((error: unknown) => {
      this.#parts.log.warn(
        { err: error, container: container.id },
        "networks of a container are not as they should be",
      );
    });
  }

  async #alive(container: SessionContainer): Promise<Parameters<SessionContainer["adopt"]>> {
    const { id, order, state } = container.record;
    const [kept, made] = await Promise.all([
      this.#parts.keepers.adopt(keeperId(id)),
      this.#parts.runtime.adopt(id),
    ]);
    if (kept === null || made === null || kept.exit !== null || kept.pid === null) return [null, null];
    const running: RunningContainer = {
      container: made,
      process: kept,
      spec: {
        args: order.args,
        env: withHome(withLinkedEnv(order.env, "linkedEnv" in state ? state.linkedEnv : []), "/"),
        cwd: order.workingDirectory || "/",
        user: { uid: 0, gid: 0, additionalGids: [] },
      },
    };
    const { address, ends } = "ends" in state ? state : { address: null, ends: {} };
    const { resolvConf } = this.#host.network;
    const namespacePath = `/proc/${kept.pid}/ns/net`;
    return [running, { namespacePath, address, ends, linked: [], resolvConf }];
  }

  /** Lets those that run stand still with the session, or go on with it; what docker paused stays so. Never rejects. */
  async stand(still: boolean): Promise<void> {
    const running = this.list().filter(({ state }) => state.status === "running");
    await Promise.allSettled(
      running.map(({ running: it }) => (still ? it?.container.pause() : it?.container.resume())),
    );
  }

  /** Ends all containers; the session ends. Never rejects. */
  async endAll(): Promise<void> {
    this.#isOver = true;
    clearTimeout(this.#nextPlace);
    this.#restarts.cancelAll();
    await Promise.allSettled(
      this.list().map(async (container) => {
        await container.remove();
        await this.#forget(container);
      }),
    );
    await this.execs.forgetAll();
    await this.#records.removeAll();
  }

  /** Lets go of all without ending them: they live on, and the next worker process adopts them. */
  release(): void {
    this.#isOver = true;
    clearTimeout(this.#nextPlace);
    this.#restarts.cancelAll();
    for (const container of this.list()) container.release();
    for (const lease of this.#leases.values()) lease.release();
  }

  #add(record: SessionContainer["record"]): SessionContainer {
    const container = new SessionContainer(this.#surroundings, record);
    this.#containers.set(record.id, container);
    const lease = this.#parts.images.lease("held");
    lease.hold(record.order.image.digest);
    this.#leases.set(record.id, lease);
    return container;
  }

  get #surroundings(): ContainerSurroundings {
    return {
      parts: this.#parts,
      host: this.#host,
      networks: this.networks,
      recordOf: (id) => this.#containers.get(id)?.record ?? null,
      records: this.#records,
      execs: this.execs,
      namespaceOf: async (reference) => {
        const { running } = this.find(reference);
        const pid = (await running?.container.pid()) ?? null;
        if (pid === null) throw conflict(`cannot join network of a non running container: ${reference}`);
        return `/proc/${pid}/ns/net`;
      },
      publish: (container) => this.#publish(container),
      unpublish: (container) => this.#unpublish(container),
      changed: () => {
        this.#changes += 1;
      },
      event: (container, action, more) => this.#event(container, action, more),
      started: (container) => this.#afterStart(container),
      died: (container) => this.#afterEnd(container),
    };
  }

  #afterStart({ id, placement }: SessionContainer): void {
    if (placement === null || !Object.hasOwn(placement.ends, DEFAULT_NETWORK)) return;
    for (const other of this.list()) {
      if (!other.record.order.links.some(({ container }) => container === id)) continue;
      other.followLinks().catch((error: unknown) => {
        this.#parts.log.warn({ err: error, container: other.id }, "links of a container lead nowhere");
      });
    }
    this.#makeNextPlace();
  }

  /** Where one container was started another one is likely to follow, and its place takes longer than all else. */
  #makeNextPlace(): void {
    clearTimeout(this.#nextPlace);
    if (this.#isOver) return;
    this.#nextPlace = setTimeout(() => {
      // It would only have saved some time.
      this.#parts.network.prepare(this.#host.place.name).catch((error: unknown) => {
        this.#parts.log.debug({ err: error }, "no place in the network was made ahead");
      });
    }, NEXT_PLACE_MS);
  }

  #named(name: string): SessionContainer | undefined {
    return this.list().find((container) => container.name === name);
  }

  #checkName(name: string): void {
    if (!CONTAINER_NAME.test(name)) {
      throw new SlipwayError(
        "request-invalid",
        `Invalid container name (${name.slice(0, 128)}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
      );
    }
    const other = this.#named(name);
    if (other === undefined) return;
    throw conflict(
      `Conflict. The container name "/${name}" is already in use by container "${other.id}". You have to remove (or rename) that container to be able to reuse that name.`,
    );
  }

  /** What its policy says of a container that has ended, and `--rm`. */
  #afterEnd(container: SessionContainer): void {
    const { order, wasStopped } = container.record;
    if (this.#isOver || container.isRemoved || container.state.status !== "exited") return;
    if (order.autoRemove) {
      void this.remove(container, { force: true }).catch((error: unknown) => {
        this.#parts.log.error({ err: error, container: container.id }, "a container could not be removed");
      });
      return;
    }
    if (!wasStopped) this.#restarts.consider(container);
  }

  #publish(container: SessionContainer) {
    const work = this.#publishing.then(() => publishedPorts(this.#parts, this.#host, container, this.list()));
    this.#publishing = work.catch(() => {});
    return work;
  }

  async #unpublish(container: SessionContainer): Promise<void> {
    if (container.record.order.ports.length === 0) return;
    const others = this.list().filter((other) => other !== container);
    const work = this.#publishing.then(() => publishedPorts(this.#parts, this.#host, null, others));
    this.#publishing = work.catch(() => {});
    await work;
  }

  #event(container: SessionContainer, action: string, more: Readonly<Record<string, string>> = {}): void {
    const { order, name, id } = container.record;
    const attributes = { ...order.labels, image: order.image.reference, name, ...more };
    this.#host.events.tell({ type: "container", action, id, attributes });
  }
}
