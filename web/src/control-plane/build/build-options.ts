import { MAX_SECRET_CHARACTERS } from "@slipway/protocol";
import { z } from "zod";

/** Most build arguments of one build. */
export const MAX_BUILD_ARGS = 100;
/** Largest sum of a build's argument values, characters. */
export const MAX_BUILD_ARGS_CHARACTERS = 64 * 1024;
/** Most secrets of one build, and most ssh keys. */
export const MAX_BUILD_SECRETS = 32;
/** Largest sum of a build's secrets and ssh keys, characters; leaves room for JSON's escapes in one request. */
export const MAX_BUILD_SECRETS_CHARACTERS = 1024 * 1024;

const sizeOf = (values: Readonly<Record<string, string>>): number =>
  Object.values(values).reduce((sum, value) => sum + value.length, 0);

const atMost = (entries: number, what: string) =>
  [
    (values: Readonly<Record<string, string>>) => Object.keys(values).length <= entries,
    `at most ${entries} ${what}`,
  ] as const;

/** Names without spaces, control characters and the signs that part a name from its value. */
const argName = z.string().regex(/^[^\s=\p{C}]{1,256}$/u, "not the name of a build argument");
/** Ids as `--mount=type=secret,id=…` takes them. */
const secretId = z.string().regex(/^[A-Za-z0-9_][A-Za-z0-9_./-]{0,255}$/, "not an id of a secret");
/** Without U+0000, which no variable of a process can hold. */
const argValue = z
  .string()
  .max(32_768)
  .regex(/^[^\0]*$/, "a value holds U+0000");

const secrets = z
  .record(secretId, z.string().max(MAX_SECRET_CHARACTERS))
  .refine(...atMost(MAX_BUILD_SECRETS, "secrets"))
  .default({});

/** What is stored with a build and remembered for the next one of the same playground. */
export const plainOptionsSchema = z.object({
  noCache: z.boolean().default(false),
  /** Asks registries for a newer base image. */
  pull: z.boolean().default(false),
  /** Stage to build; null builds the last one. */
  target: z
    .string()
    .regex(/^[A-Za-z0-9][A-Za-z0-9_.-]{0,255}$/, "not the name of a stage")
    .nullable()
    .default(null),
  buildArgs: z
    .record(argName, argValue)
    .refine(...atMost(MAX_BUILD_ARGS, "build arguments"))
    .refine((values) => sizeOf(values) <= MAX_BUILD_ARGS_CHARACTERS, "the build arguments are too long")
    .default({}),
});
export type PlainOptions = z.infer<typeof plainOptionsSchema>;

/** What a build may use while it runs and nobody may find afterwards. */
export const secretOptionsSchema = z.object({ secrets, sshKeys: secrets });
export type SecretOptions = z.infer<typeof secretOptionsSchema>;

export const buildOptionsSchema = plainOptionsSchema
  .extend(secretOptionsSchema.shape)
  .refine(
    (options) => sizeOf(options.secrets) + sizeOf(options.sshKeys) <= MAX_BUILD_SECRETS_CHARACTERS,
    "the secrets are too long",
  );
export type BuildOptions = z.infer<typeof buildOptionsSchema>;
