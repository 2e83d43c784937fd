import { type RegistryCredential, registryCredentialSchema, registryHostSchema } from "@slipway/protocol";
import { z } from "zod";
import { EngineError } from "../engine-error.ts";

/** Characters of the header. */
const MAX_HEADER_CHARACTERS = 64 * 1024;
/** Logins of one X-Registry-Config. */
const MAX_LOGINS = 32;

/** AuthConfig of Docker's API; the client sends an empty one for somebody without a login. */
const authSchema = z.looseObject({
  username: z.string().max(256).optional(),
  password: z.string().max(16_384).optional(),
  /** base64 of `name:password`, where the two are missing. */
  auth: z.string().max(32_768).optional(),
  serveraddress: z.string().max(1024).optional(),
  identitytoken: z.string().max(16_384).optional(),
});
type Auth = z.infer<typeof authSchema>;

/** Docker Hub's old address, under which clients keep its login. */
const HUB = "docker.io";
const HUB_ADDRESSES = new Set(["index.docker.io", "registry-1.docker.io", "hub.docker.com", HUB]);

/** The host that `https://index.docker.io/v1/` or `registry.example:5000` means; null for what is none. */
export function hostOf(address: string): string | null {
  const host = address.replace(/^https?:\/\//, "").split("/", 1)[0] ?? "";
  if (HUB_ADDRESSES.has(host)) return HUB;
  return registryHostSchema.safeParse(host).success ? host : null;
}

/** X-Registry-Auth of a pull or a push: a login at `host`, whatever address it says, or none. */
export function readAuthHeader(header: string | undefined, host: string): RegistryCredential[] {
  const auth = authSchema.safeParse(decoded(header, "X-Registry-Auth") ?? {});
  if (!auth.success) throw new EngineError(400, "invalid X-Registry-Auth header");
  const credential = credentialOf(host, auth.data);
  return credential === null ? [] : [credential];
}

/** X-Registry-Config of a build: all logins of the client, by address. */
export function readConfigHeader(header: string | undefined): RegistryCredential[] {
  const configs = z.record(z.string(), authSchema).safeParse(decoded(header, "X-Registry-Config") ?? {});
  if (!configs.success) throw new EngineError(400, "invalid X-Registry-Config header");
  const entries = Object.entries(configs.data).slice(0, MAX_LOGINS);
  const found = new Map<string, RegistryCredential>();
  for (const [address, auth] of entries) {
    const host = hostOf(address);
    const credential = host === null ? null : credentialOf(host, auth);
    if (credential) found.set(credential.registry, credential);
  }
  return [...found.values()];
}

/** The body of POST /auth. */
export function readLogin(body: unknown): RegistryCredential {
  const auth = authSchema.safeParse(body);
  if (!auth.success) throw new EngineError(400, "invalid auth configuration");
  const host = hostOf(auth.data.serveraddress || HUB);
  const credential = host === null ? null : credentialOf(host, auth.data);
  if (credential) return credential;
  if (auth.data.identitytoken) throw new EngineError(400, "identity tokens are not supported here");
  throw new EngineError(401, "unauthorized: incorrect username or password");
}

function credentialOf(registry: string, auth: Auth): RegistryCredential | null {
  let { username = "", password = "" } = auth;
  if (username === "" && auth.auth) {
    const pair = Buffer.from(auth.auth, "base64").toString("utf8");
    const colon = pair.indexOf(":");
    if (colon > 0) [username, password] = [pair.slice(0, colon), pair.slice(colon + 1)];
  }
  const parsed = registryCredentialSchema.safeParse({ registry, username, password });
  return parsed.success ? parsed.data : null;
}

/** base64url or base64 of JSON; undefined where there is no header. */
function decoded(header: string | undefined, name: string): unknown {
  if (header === undefined || header === "" || header === "null") return undefined;
  if (header.length > MAX_HEADER_CHARACTERS) throw new EngineError(400, `${name} header is too long`);
  try {
    return JSON.parse(Buffer.from(header, "base64url").toString("utf8")) ?? undefined;
  } catch {
    throw new EngineError(400, `invalid ${name} header`);
  }
}
