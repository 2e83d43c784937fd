import { cpus, totalmem } from "node:os";
import path from "node:path";
import { registryHostSchema } from "@slipway/protocol";
import { z } from "zod";

const GIB = 1024 ** 3;

const bytes = z.coerce.number().int().positive();
const count = z.coerce.number().int().positive();

const list = (text: string): string[] => text.split(",").filter((entry) => entry !== "");

/** Hosts of registries, separated by commas. */
const hosts = z
  .string()
  .default("")
  .transform(list)
  .pipe(z.array(registryHostSchema))
  .transform((found): ReadonlySet<string> => new Set(found));

/** `docker.io=https://mirror.example:5000`, separated by commas; several of one registry are asked in their order. */
const mirrors = z
  .string()
  .default("")
  .transform(list)
  .pipe(z.array(z.string().regex(/^[^=]+=https?:\/\/.+$/, "expected registry=https://mirror")))
  .transform((entries, context) => {
    const found = new Map<string, URL[]>();
    for (const entry of entries) {
      const [registry = "", ...rest] = entry.split("=");
      const url = rest.join("=");
      if (!registryHostSchema.safeParse(registry).success || !URL.canParse(url)) {
        context.addIssue(`"${registry}" or its mirror is no host`);
        continue;
      }
      found.set(registry, [...(found.get(registry) ?? []), new URL(url)]);
    }
    return found;
  });

/** Every setting of the worker process. The table in README.md is checked against this schema. */
export const envSchema = z.object({
  /** Where everything of this Slipway is kept. */
  SLIPWAY_DATA_DIR: z.string().startsWith("/").default("/var/lib/slipway"),
  /** Where the worker keeps images, snapshots, disks and sessions. */
  SLIPWAY_WORKER_DIR: z.string().startsWith("/").optional(),
  SLIPWAY_LOG_LEVEL: z.enum(["trace", "debug", "info", "warn", "error"]).default("info"),
  /** The control plane that the worker dials. */
  SLIPWAY_CONTROL_PLANE_URL: z.url().default("http://127.0.0.1:3000"),
  /** The secret that a worker presents when it joins. */
  SLIPWAY_JOIN_TOKEN: z.string().min(16).max(256),
  /** Origin of the pages; terminals accept connections from pages of this origin only. */
  SLIPWAY_PUBLIC_URL: z.url().default("http://localhost:3000"),
  /** Address and port of the gateway for terminals and previews; port 0 takes a free one. */
  SLIPWAY_GATEWAY_LISTEN: z
    .string()
    .regex(/^[0-9.]+:[0-9]{1,5}$/, "expected address:port")
    .default("127.0.0.1:0"),
  /** Where the control plane reaches the gateway, when not at the address that it listens on. */
  SLIPWAY_GATEWAY_URL: z.url().optional(),
  /**
   * Tells apart several workers on one machine: a suffix to the names of their cgroups, network namespaces and rules. Each
   * needs an address pool and uid ranges of its own as well.
   */
  SLIPWAY_INSTANCE: z
    .string()
    .regex(/^[a-z0-9]{0,4}$/, "expected up to 4 of a-z and 0-9")
    .default(""),
  /** OCI runtime: a program on the PATH. runsc is the hardened tier. */
  SLIPWAY_RUNTIME: z.enum(["crun", "runc", "runsc"]).optional(),
  /** First host id of the sessions' uid ranges; each takes 65,536. */
  SLIPWAY_ID_RANGE_START: z.coerce.number().int().min(65_536).max(4_000_000_000).default(1_000_000_000),
  /** Pool of IPv4 addresses for the sessions' networks. */
  SLIPWAY_ADDRESS_POOL: z
    .string()
    .regex(/^[0-9.]+\/[0-9]{1,2}$/, "expected an IPv4 prefix, such as 100.96.0.0/16")
    .default("100.96.0.0/16"),
  /** Private addresses or prefixes that sessions may reach all the same, separated by commas. */
  SLIPWAY_OPENED_ADDRESSES: z
    .string()
    .default("")
    .transform((list) => list.split(",").filter((entry) => entry !== ""))
    .pipe(z.array(z.string().regex(/^[0-9.]+(\/[0-9]{1,2})?$/, "expected IPv4 addresses or prefixes"))),
  /**
   * Hosts that sessions with the egress policy packages-only may reach, separated by commas; `*.` stands for all names below.
   * By default those of the machine's own package sources.
   */
  SLIPWAY_PACKAGE_HOSTS: z
    .string()
    .transform(list)
    .pipe(
      z.array(
        z
          .string()
          .regex(/^(\*\.)?[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)*$/, "expected hosts, or domains as *.domain"),
      ),
    )
    .optional(),
  /** File that maps names of base images to others; infra/images/image-map by default. */
  SLIPWAY_IMAGE_MAP: z.string().startsWith("/").optional(),
  /** Mirrors of registries, asked before them. */
  SLIPWAY_REGISTRY_MIRRORS: mirrors,
  /** Registries that are asked over plain http; they may lie at private addresses. */
  SLIPWAY_REGISTRY_INSECURE: hosts,
  /** Hosts at private addresses that images may come from: registries, their token services and blob stores. */
  SLIPWAY_REGISTRY_PRIVATE: hosts,
  /** File with certificates of further authorities for registries and mirrors, PEM. */
  SLIPWAY_REGISTRY_CA: z.string().startsWith("/").optional(),
  /** Largest image that is pulled, as it comes over the wire, bytes. */
  SLIPWAY_IMAGE_BYTES: bytes.default(16 * GIB),
  /** What images, their layers and the build cache may take on the disk, bytes; half of the disk by default. */
  SLIPWAY_IMAGE_STORE_BYTES: bytes.optional(),
  /** Most sessions at once. */
  SLIPWAY_MAX_SESSIONS: count.default(Math.max(4, Math.floor(totalmem() / (GIB / 2)))),
  /** Starts of sessions that are prepared ahead of launches, at most; 0 for none. Each takes up to 32 MiB of memory. */
  SLIPWAY_WARM_SESSIONS: z.coerce.number().int().min(0).max(16).default(4),
  /** Most steps of builds that are carried out at once. */
  SLIPWAY_MAX_BUILDS: count.default(Math.max(2, cpus().length)),
  /** Largest build context, bytes. */
  SLIPWAY_CONTEXT_BYTES: bytes.default(GIB),
});

export type WorkerEnv = z.infer<typeof envSchema> & { SLIPWAY_WORKER_DIR: string };

/** Parses the environment once. A wrong variable gives one sentence per variable, in one error. */
export function parseEnv(source: NodeJS.ProcessEnv): WorkerEnv {
  const parsed = envSchema.safeParse(source);
  if (!parsed.success) {
    const sentences = parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}.`);
    throw new Error(`The worker's settings are wrong. ${sentences.join(" ")}`);
  }
  const env = parsed.data;
  return { ...env, SLIPWAY_WORKER_DIR: env.SLIPWAY_WORKER_DIR ?? path.join(env.SLIPWAY_DATA_DIR, "worker") };
}
