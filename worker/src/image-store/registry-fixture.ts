import { type ChildProcess, execFile, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, connect, createServer as createSocketServer } from "node:net";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { importPKCS8, SignJWT } from "jose";

/* Real registries for tests: Debian's docker-registry (CNCF distribution), and what stands between it and a client. */

export const USERNAME = "ada";
export const PASSWORD = "correct horse";
/** bcrypt of PASSWORD, as htpasswd(1) writes it. */
const HTPASSWD = `${USERNAME}:$2b$05$abcdefghijklmnopqrstuuHNbAKRhpaujgo33bRWs.NLUTJO3lOy2\n`;
const START_TIMEOUT_MS = 20_000;

export interface TestRegistry {
  /** As in references: `127.0.0.1:40001`. */
  readonly host: string;
  stop(): Promise<void>;
}

export interface TestRegistryOptions {
  /** Of its own; removed when it stops. */
  readonly directory: string;
  /** Parts of the configuration beside storage and address. */
  readonly more?: object;
  /** Files, PEM. */
  readonly tls?: { readonly certificate: string; readonly key: string };
}

/** True when somebody listens. */
async function accepts(host: string): Promise<boolean> {
  const [address = "", port] = host.split(":");
  const socket = connect(Number(port), address);
  try {
    await once(socket, "connect");
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export async function freePort(): Promise<number> {
  const server = createSocketServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Starts docker-registry on a free port of loopback. Its configuration is YAML, of which JSON is a part. */
export async function startRegistry({
  directory,
  more = {},
  tls,
}: TestRegistryOptions): Promise<TestRegistry> {
  await mkdir(directory, { recursive: true });
  const host = `127.0.0.1:${await freePort()}`;
  const configuration = {
    version: "0.1",
    log: { level: "error", accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: path.join(directory, "blobs") }, delete: { enabled: true } },
    http: { addr: host, ...(tls && { tls }) },
    ...more,
  };
  const file = path.join(directory, "config.yml");
  await writeFile(file, JSON.stringify(configuration));
  const child = spawn("docker-registry", ["serve", file], {
    stdio: "ignore",
    env: { PATH: process.env.PATH, OTEL_TRACES_EXPORTER: "none" },
  });
  await answering(host, child);
  return {
    host,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function answering(host: string, child: ChildProcess): Promise<void> {
  const until = performance.now() + START_TIMEOUT_MS;
  while (performance.now() < until && child.exitCode === null) {
    if (await accepts(host)) return;
    await sleep(20);
  }
  throw new Error(`docker-registry does not answer on ${host} (exit code ${child.exitCode}).`);
}

/** Part of a configuration: a login with USERNAME and PASSWORD. */
export async function basicAuth(directory: string): Promise<object> {
  await mkdir(directory, { recursive: true });
  const file = path.join(directory, "htpasswd");
  await writeFile(file, HTPASSWD);
  return { auth: { htpasswd: { realm: "test", path: file } } };
}

export interface TokenService {
  /** Part of a configuration. */
  readonly more: object;
  /** Scopes that were asked for, and by whom. */
  readonly asked: { readonly scopes: readonly string[]; readonly user: string | null }[];
  /** Tokens are good for so long. */
  seconds: number;
  stop(): void;
}

/**
 * A token service that signs what docker-registry verifies (distribution, "Token Authentication Specification"). Everybody may
 * pull what `isPublic` names, and USERNAME everything.
 */
export async function startTokenService(
  directory: string,
  isPublic: (repository: string) => boolean,
): Promise<TokenService> {
  await mkdir(directory, { recursive: true });
  const [keyFile, certificate] = [path.join(directory, "key.pem"), path.join(directory, "cert.pem")];
  const made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=tokens"];
  execFileSync("openssl", ["req", ...made, "-keyout", keyFile, "-out", certificate], { stdio: "ignore" });
  const key = await importPKCS8(await readFile(keyFile, "utf8"), "RS256");
  const x5c = [(await readFile(certificate, "utf8")).replaceAll(/-----[^-]+-----|\s/g, "")];
  const service: TokenService["asked"] = [];
  const expected = `Basic ${Buffer.from(`${USERNAME}:${PASSWORD}`).toString("base64")}`;
  const sign = async (url: URL, user: string | null, seconds: number) => {
    const scopes = url.searchParams.getAll("scope");
    service.push({ scopes, user });
    const access = scopes.flatMap((scope) => {
      const [type, name = "", actions = ""] = scope.split(":");
      const allowed = actions.split(",").filter((action) => user || (action === "pull" && isPublic(name)));
      return allowed.length === 0 ? [] : [{ type, name, actions: allowed }];
    });
    return await new SignJWT({ access })
      .setProtectedHeader({ alg: "RS256", typ: "JWT", x5c })
      .setIssuer("tests")
      .setSubject(user ?? "")
      .setAudience("registry")
      .setIssuedAt()
      .setNotBefore("-1m")
      // The registry grants a minute of leeway (libtrust), which would hide that a token has ended.
      .setExpirationTime(Math.floor(Date.now() / 1000) + seconds)
      .setJti(String(service.length))
      .sign(key);
  };
  const server = createServer((incoming, response) => {
    const { authorization } = incoming.headers;
    if (authorization !== undefined && authorization !== expected) {
      response.writeHead(401).end();
      return;
    }
    const url = new URL(incoming.url ?? "/", "http://tokens");
    void sign(url, authorization === undefined ? null : USERNAME, result.seconds).then((token) =>
      response.end(JSON.stringify({ token, expires_in: result.seconds })),
    );
  });
  const host = await listening(server);
  const token = {
    realm: `http://${host}/token`,
    service: "registry",
    issuer: "tests",
    rootcertbundle: certificate,
  };
  const result: TokenService = {
    more: { auth: { token } },
    asked: service,
    seconds: 300,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return result;
}

export async function listening(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export interface Between {
  readonly host: string;
  /** Everything that was asked: `GET /v2/…`, with the range. */
  readonly seen: string[];
  /** True when it has answered, or broken off, itself. */
  trouble: (incoming: IncomingMessage, response: ServerResponse) => boolean;
  /** Bodies of blobs end after so many bytes. */
  breakAfterBytes: number | null;
  /** They end in silence, and not with the connection. */
  stalls: boolean;
  stop(): void;
}

/** Stands between a client and a registry, counts, and makes trouble. */
export async function startBetween(registry: string): Promise<Between> {
  const server = createServer((incoming, response) => {
    const { range } = incoming.headers;
    between.seen.push(`${incoming.method} ${incoming.url}${range ? ` ${range}` : ""}`);
    if (between.trouble(incoming, response)) return;
    const onward = request(
      `http://${registry}${incoming.url}`,
      { method: incoming.method, headers: incoming.headers },
      (answer) => {
        response.writeHead(answer.statusCode ?? 502, answer.headers);
        const breakable = incoming.method === "GET" && incoming.url?.includes("/blobs/sha256:");
        let left = breakable
          ? (between.breakAfterBytes ?? Number.POSITIVE_INFINITY)
          : Number.POSITIVE_INFINITY;
        answer.on("data", (chunk: Buffer) => {
          if (left <= 0) return;
          response.write(chunk.subarray(0, Math.min(left, chunk.length)));
          left -= chunk.length;
          // Let what was written arrive before the connection breaks.
          if (left <= 0 && !between.stalls) setTimeout(() => response.socket?.destroy(), 30);
        });
        answer.on("end", () => left > 0 && response.end());
      },
    );
    onward.on("error", () => response.destroy());
    incoming.on("aborted", () => onward.destroy());
    incoming.pipe(onward);
  });
  const host = await listening(server);
  const between: Between = {
    host,
    seen: [],
    trouble: () => false,
    breakAfterBytes: null,
    stalls: false,
    stop: () => {
      server.closeAllConnections();
      server.close();
    },
  };
  return between;
}

/** skopeo(1), which trusts plain http here. */
export async function skopeo(...args: readonly string[]): Promise<string> {
  const { stdout } = await promisify(execFile)("skopeo", ["--insecure-policy", ...args], {
    maxBuffer: 16 * 1024 * 1024,
  });
  return stdout;
}
