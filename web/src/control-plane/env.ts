import { DEFAULT_NETWORK_BYTES_PER_SECOND, egressPolicySchema } from "@slipway/protocol";
import { z } from "zod";

const MIB = 1024 ** 2;
const GIB = 1024 ** 3;

const count = z.coerce.number().int().positive();
const origin = z
  .url({ protocol: /^https?$/, error: "expected an http or https address" })
  .transform((text) => new URL(text).origin);
const hostName = z
  .string()
  .regex(/^[A-Za-z0-9.-]+(:[0-9]{1,5})?$/, "expected a host name, with a port where it has one");

/** E-mail addresses, separated by commas. */
const addresses = z
  .string()
  .default("")
  .transform((text) => text.split(",").map((address) => address.trim().toLowerCase()))
  .transform((list) => list.filter((address) => address !== ""))
  .pipe(z.array(z.email("expected e-mail addresses, separated by commas")));

const secret = z.string().min(32, "expected at least 32 characters");
const MAX_EARLIER_SECRETS = 10;

/** Every setting of the web process. The table in README.md is checked against this schema. */
export const envSchema = z.object({
  SLIPWAY_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error"]).default("info"),
  /** Port of pages, API, previews and the worker channel. */
  SLIPWAY_PORT: z.coerce.number().int().min(1).max(65_535).default(3000),
  SLIPWAY_LISTEN_ADDRESS: z.string().min(1).default("127.0.0.1"),
  /** Origin of the pages as people type it. */
  SLIPWAY_PUBLIC_URL: origin.default("http://localhost:3000"),
  /** Domain of previews; the host of the public URL unless set. */
  SLIPWAY_PREVIEW_DOMAIN: hostName.optional(),
  /** More host names under which this process answers, separated by commas; for workers inside a cluster. */
  SLIPWAY_EXTRA_HOSTS: z
    .string()
    .default("")
    .transform((text) => text.split(",").map((host) => host.trim().toLowerCase()))
    .transform((hosts) => hosts.filter((host) => host !== "")),
  /** PostgreSQL. */
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: "expected a postgresql:// address" }),
  /** Signs sign-in cookies; the keys that seal registry logins and secrets of builds are made of it. */
  SLIPWAY_SECRET: secret,
  /** Earlier values of SLIPWAY_SECRET, separated by commas: open what they sealed, until it is sealed anew at the next start. */
  SLIPWAY_EARLIER_SECRETS: z
    .string()
    .default("")
    .transform((text) => text.split(",").filter((part) => part !== ""))
    .pipe(z.array(secret).max(MAX_EARLIER_SECRETS)),
  /** E-mail addresses of the operators, who see the admin page, and of teachers, who have quotas of their own. */
  SLIPWAY_ADMINS: addresses,
  SLIPWAY_TEACHERS: addresses,
  /** Proves that somebody with an operator's address is the operator. */
  SLIPWAY_OPERATOR_CODE: z.string().min(16, "expected at least 16 characters").max(256).optional(),
  /** An OpenID provider that people may sign in with; all or none of the first three. */
  SLIPWAY_OIDC_ISSUER: z.url({ protocol: /^https?$/, error: "expected an http or https address" }).optional(),
  SLIPWAY_OIDC_CLIENT_ID: z.string().min(1).optional(),
  SLIPWAY_OIDC_CLIENT_SECRET: z.string().min(1).optional(),
  /** On the button. */
  SLIPWAY_OIDC_NAME: z.string().min(1).max(40).default("OpenID"),
  /** The secret that a worker presents when it joins. */
  SLIPWAY_JOIN_TOKEN: z.string().min(16, "expected at least 16 characters").max(256),
  /** Opens /metrics to others than this machine, as a bearer token. */
  SLIPWAY_METRICS_TOKEN: z.string().min(16).optional(),
  /** How long a worker may be away before its sessions count as lost, seconds. */
  SLIPWAY_WORKER_GRACE_SECONDS: count.default(120),
  /** Limits of one session. */
  SLIPWAY_SESSION_MEMORY_BYTES: count.default(512 * MIB),
  SLIPWAY_SESSION_CPUS: z.coerce.number().positive().default(1),
  SLIPWAY_SESSION_PIDS: count.default(512),
  SLIPWAY_SESSION_DISK_BYTES: count.default(2 * GIB),
  SLIPWAY_SESSION_OPEN_FILES: count.default(4096),
  SLIPWAY_SESSION_NETWORK_BYTES_PER_SECOND: count.default(DEFAULT_NETWORK_BYTES_PER_SECOND),
  /** Where packets of a session may go. */
  SLIPWAY_SESSION_EGRESS: egressPolicySchema.default("internet"),
  /** Time of a session, of one extension, and of a session with all its extensions, minutes. */
  SLIPWAY_SESSION_MINUTES: count.default(60),
  SLIPWAY_SESSION_EXTEND_MINUTES: count.default(30),
  SLIPWAY_SESSION_MAX_MINUTES: count.default(240),
  /** Most live sessions of one person. */
  SLIPWAY_SESSIONS_PER_PERSON: count.default(3),
  /** Most builds that one person starts in an hour. */
  SLIPWAY_BUILDS_PER_HOUR: count.default(240),
  /** Limits of one build. */
  SLIPWAY_BUILD_MEMORY_BYTES: count.default(2 * GIB),
  SLIPWAY_BUILD_CPUS: z.coerce.number().positive().default(2),
  SLIPWAY_BUILD_PIDS: count.default(1024),
  SLIPWAY_BUILD_DISK_BYTES: count.default(8 * GIB),
  SLIPWAY_BUILD_TIMEOUT_MINUTES: count.default(15),
});

export type WebEnv = Omit<z.infer<typeof envSchema>, "SLIPWAY_PREVIEW_DOMAIN"> & {
  SLIPWAY_PREVIEW_DOMAIN: string;
};

/** Parses the environment once. A wrong or missing variable gives one sentence per variable, in one error. */
export function parseEnv(source: Readonly<Record<string, string | undefined>>): WebEnv {
  const parsed = envSchema.safeParse(source);
  if (!parsed.success) {
    const sentences = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}.`);
    throw new Error(`The settings of the web server are wrong. ${sentences.join(" ")}`);
  }
  const env = parsed.data;
  const oidc = [env.SLIPWAY_OIDC_ISSUER, env.SLIPWAY_OIDC_CLIENT_ID, env.SLIPWAY_OIDC_CLIENT_SECRET];
  if (oidc.includes(undefined) && oidc.some((value) => value !== undefined)) {
    throw new Error(
      "SLIPWAY_OIDC_ISSUER, SLIPWAY_OIDC_CLIENT_ID and SLIPWAY_OIDC_CLIENT_SECRET go together: set all three, or none.",
    );
  }
  const host = new URL(env.SLIPWAY_PUBLIC_URL).host;
  return { ...env, SLIPWAY_PREVIEW_DOMAIN: env.SLIPWAY_PREVIEW_DOMAIN ?? host };
}
