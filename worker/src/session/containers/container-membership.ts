import { SlipwayError } from "@slipway/protocol";
import { conflict } from "./conflict.ts";
import { checkLinks } from "./container-links.ts";
import type { JoinedNetwork } from "./container-order.ts";
import { leavePlace, type Placement, place, type Ways } from "./container-place.ts";
import type { ContainerRecord } from "./container-records.ts";
import { hostsFile, type RunningContainer } from "./container-start.ts";
import type { PublishedPort } from "./container-state.ts";

type Joined = ContainerRecord["order"]["networks"];

/** The container that is in the networks. */
export interface Member {
  record(): ContainerRecord;
  running(): RunningContainer | null;
  /** Writes a change of its record down, and tells it. */
  tell(change: Partial<ContainerRecord>): void;
  /** Makes its published ports lead to where it is now. */
  publish(): Promise<PublishedPort[]>;
  /** Makes them lead nowhere. */
  unpublish(): Promise<void>;
}

/** The networks that a container is in, and its place in them while it runs. Whoever calls does one thing after the other. */
export class ContainerMembership {
  readonly #ways: Ways;
  readonly #member: Member;
  #placement: Placement | null = null;
  /** Its place is taken away while nobody waits for that but its next start. */
  #leaving: Promise<void> = Promise.resolve();

  constructor(ways: Ways, member: Member) {
    this.#ways = ways;
    this.#member = member;
  }

  get placement(): Placement | null {
    return this.#placement;
  }

  /** Takes its place, for a start. @throws container-conflict, container-refused, network-missing */
  async enter(): Promise<Placement> {
    await this.#leaving;
    const record = this.#member.record();
    checkLinks(this.#ways, record);
    this.#placement = await place(this.#ways, record);
    return this.#placement;
  }

  /** The place that an earlier worker process gave it. */
  adopt(placement: Placement | null): void {
    this.#placement = placement;
  }

  /** Gives its place back. */
  async exit(): Promise<void> {
    const { id } = this.#member.record();
    this.#placement = null;
    await this.#member.unpublish();
    this.#leaving = leavePlace(this.#ways, id).catch((error: unknown) =>
      this.#ways.parts.log.warn({ err: error, container: id }, "a place in a network stays"),
    );
  }

  /** @throws request-invalid, container-refused, network-missing */
  async join(network: string, as: JoinedNetwork): Promise<void> {
    const { name, order } = this.#member.record();
    if (order.network.kind !== "bridge") {
      throw new SlipwayError("request-invalid", NOT_CONNECTED[order.network.kind]);
    }
    // As Docker has it: of what does not run, an end is only written down, and may be again.
    if (this.#member.running() !== null && Object.hasOwn(order.networks, network)) {
      throw new SlipwayError(
        "container-refused",
        `endpoint with name ${name} already exists in network ${network}`,
      );
    }
    await this.#change({ ...order.networks, [network]: as });
  }

  /** @throws container-conflict */
  async leave(network: string): Promise<void> {
    const { id, order } = this.#member.record();
    if (!Object.hasOwn(order.networks, network)) {
      throw conflict(`container ${id} is not connected to network ${network}`);
    }
    const { [network]: _left, ...networks } = order.networks;
    await this.#change(networks);
  }

  /** Forgets a link to another container. False where it has none of this alias. */
  async unlink(alias: string): Promise<boolean> {
    const record = this.#member.record();
    const { order } = record;
    const links = order.links.filter((link) => link.alias !== alias);
    if (links.length === order.links.length) return false;
    await this.settle({ ...record, order: { ...order, links } });
    return true;
  }

  async #change(networks: Joined): Promise<void> {
    const record = this.#member.record();
    await this.settle({ ...record, order: { ...record.order, networks } });
  }

  /** Makes its place what its record says, or another one that is written down when it is so. */
  async settle(record: ContainerRecord = this.#member.record()): Promise<void> {
    const running = this.#member.running();
    const { order } = record;
    if (running !== null && order.network.kind === "bridge") {
      const placement = await place(this.#ways, record);
      // What ended meanwhile has given its place back already.
      if (this.#member.running() !== running) await leavePlace(this.#ways, record.id);
      else {
        this.#placement = placement;
        await running.container.writeHosts(hostsFile(order, placement));
      }
    }
    this.#member.tell({ order });
    await this.#tellAddress();
  }

  async #tellAddress(): Promise<void> {
    const { state } = this.#member.record();
    if (this.#placement === null || (state.status !== "running" && state.status !== "paused")) return;
    const { address, ends } = this.#placement;
    const hasMoved = address !== state.address;
    this.#member.tell({ state: { ...state, address, ends: { ...ends } } });
    if (!hasMoved) return;
    const ports = await this.#member.publish();
    const now = this.#member.record().state;
    if (now.status === state.status) this.#member.tell({ state: { ...now, ports } });
  }
}

/** Why a container that is nowhere on a bridge joins no network, and none joins those of its kind, in Docker's words. */
export const NOT_CONNECTED = {
  container:
    "container sharing network namespace with another container or host cannot be connected to any other network",
  host: "container cannot be disconnected from host network or connected to host network",
  none: "container cannot be connected to multiple networks with one of the networks in private (none) mode",
} as const;
