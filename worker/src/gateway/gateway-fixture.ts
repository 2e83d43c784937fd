import { connect, createServer, type Server, type Socket } from "node:net";
import {
  PREVIEW_COOKIE,
  previewHost,
  type SessionId,
  SlipwayError,
  sessionIdSchema,
} from "@slipway/protocol";
import { pino } from "pino";
import { Registry } from "prom-client";
import type { ContainerFilesDirectory, DockerHosts, SessionFiles } from "./gateway.ts";
import { HttpGateway } from "./http-gateway.ts";
import { makeTicketFixture, type TicketFixture } from "./ticket-fixture.ts";

export const DOMAIN = "localhost:3000";
export const PUBLIC_URL = "http://localhost:3000";
export const session = sessionIdSchema.parse("session1");
export const neighbour = sessionIdSchema.parse("session2");

const nothing = () => new SlipwayError("session-missing", "There is no such session.");

/** What a gateway answers of files where a test is about something else. */
export const NO_FILES: SessionFiles & ContainerFilesDirectory = {
  exportChanges: () => Promise.reject(nothing()),
  containerFiles: () => {
    throw nothing();
  },
  currentDirectory: () => Promise.reject(nothing()),
};

/** Sessions that no docker client reaches. */
export const NO_DOCKER: DockerHosts = {
  request: () => Promise.reject(nothing()),
  upgrade: () => Promise.reject(nothing()),
};

export interface GatewayFixtureOptions {
  readonly docker?: DockerHosts;
  readonly publicUrl?: string;
  readonly files?: SessionFiles;
  readonly containers?: ContainerFilesDirectory;
  /** Gets every line of the gateway's log, all levels. */
  readonly logged?: (line: string) => void;
}

/** A gateway on a real port, for tests that speak to it byte by byte, and containers that answer byte by byte. */
export class GatewayFixture {
  readonly tickets: TicketFixture;
  readonly gateway: HttpGateway;
  readonly port: number;
  /** Addresses of sessions; all are on this machine until a test says otherwise. */
  readonly addresses: Map<SessionId, string>;
  readonly #containers: Container[] = [];

  private constructor(
    tickets: TicketFixture,
    gateway: HttpGateway,
    port: number,
    addresses: Map<SessionId, string>,
  ) {
    this.tickets = tickets;
    this.gateway = gateway;
    this.port = port;
    this.addresses = addresses;
  }

  static async open(options: GatewayFixtureOptions = {}): Promise<GatewayFixture> {
    const tickets = await makeTicketFixture();
    const addresses = new Map([session, neighbour].map((id) => [id, "127.0.0.1"]));
    const { logged } = options;
    const gateway = new HttpGateway({
      publicUrl: options.publicUrl ?? PUBLIC_URL,
      terminals: { find: async () => null },
      targets: { address: (id) => addresses.get(id) ?? null },
      files: { ...NO_FILES, ...options.files, ...options.containers },
      docker: options.docker ?? NO_DOCKER,
      gatewayUrl: null,
      ready: () => true,
      metrics: new Registry(),
      log: logged ? pino({ level: "trace" }, { write: logged }) : pino({ level: "silent" }),
    });
    gateway.configure({ ticketPublicKey: tickets.publicKey, previewDomain: DOMAIN });
    const { port } = await gateway.listen("127.0.0.1", 0);
    return new GatewayFixture(tickets, gateway, port, addresses);
  }

  /** A server in a container of the session; `answer` gets each connection once its first bytes are there. */
  async container(answer: (socket: Socket, first: string) => void): Promise<Container> {
    const container = await Container.listen(answer);
    this.#containers.push(container);
    return container;
  }

  async cookie(port: number, owner: SessionId = session): Promise<string> {
    return `${PREVIEW_COOKIE}=${await this.tickets.sign({ right: "port", session: owner, port })}`;
  }

  /** The head of a request to a preview, by somebody who may see it. `lines` end with \r\n each. */
  async head(
    port: number,
    lines = "",
    first = "GET / HTTP/1.1",
    owner: SessionId = session,
  ): Promise<string> {
    const host = previewHost(port, owner, DOMAIN);
    return `${first}\r\nHost: ${host}\r\nCookie: ${await this.cookie(port, owner)}\r\n${lines}\r\n`;
  }

  /** Sends these very bytes to the gateway. */
  send(bytes: string): Conversation {
    return new Conversation(this.port, bytes);
  }

  /** All that comes back for these bytes until the gateway ends the connection. */
  async exchange(bytes: string): Promise<string> {
    return this.send(bytes).ended();
  }

  async close(): Promise<void> {
    await this.gateway.close();
    for (const container of this.#containers) container.close();
  }
}

/** A program in a container, as far as the gateway sees it. */
export class Container {
  readonly port: number;
  /** First bytes of each connection. */
  readonly heard: string[] = [];
  readonly sockets = new Set<Socket>();
  readonly #server: Server;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.port = port;
  }

  static async listen(
    answer: (socket: Socket, first: string) => void,
    address = "127.0.0.1",
  ): Promise<Container> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, address, resolve));
    const bound = server.address();
    if (bound === null || typeof bound === "string") throw new Error("a container without a port");
    const container = new Container(server, bound.port);
    server.on("connection", (socket) => {
      container.sockets.add(socket);
      socket.on("error", () => {}).on("close", () => container.sockets.delete(socket));
      socket.once("data", (data) => {
        container.heard.push(`${data}`);
        answer(socket, `${data}`);
      });
    });
    return container;
  }

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.#server.close();
  }
}

/** One connection to the gateway. */
export class Conversation {
  readonly socket: Socket;
  text = "";
  readonly #ended: Promise<string>;

  constructor(port: number, bytes: string) {
    this.socket = connect(port, "127.0.0.1");
    this.socket.setEncoding("latin1");
    this.socket.on("data", (data) => {
      this.text += data;
    });
    this.socket.on("error", () => {});
    this.#ended = new Promise((resolve) => this.socket.on("close", () => resolve(this.text)));
    this.socket.write(bytes, "latin1");
  }

  ended(): Promise<string> {
    return this.#ended;
  }
}
