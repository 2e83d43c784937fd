import { z } from "zod";

/**
 * Identifiers are lower-case letters and digits, so that one and the same string is valid as a DNS label
 * (`<port>-<session>.<domain>`, RFC 1035 section 2.3.1), a cgroup, a directory and a netns name.
 */
const identifier = z
  .string()
  .regex(/^[a-z][a-z0-9]{7,31}$/, "expected 8 to 32 of a-z and 0-9, a letter first");

export const playgroundIdSchema = identifier.brand<"PlaygroundId">();
export const buildIdSchema = identifier.brand<"BuildId">();
export const sessionIdSchema = identifier.brand<"SessionId">();
export const terminalIdSchema = identifier.brand<"TerminalId">();
export const workerIdSchema = identifier.brand<"WorkerId">();
export const commandIdSchema = identifier.brand<"CommandId">();

/** A content digest as in the OCI image spec, "Descriptor: Digests"; only sha256 is used here. */
export const digestSchema = z
  .string()
  .regex(/^sha256:[a-f0-9]{64}$/, "expected sha256: and 64 hexadecimal digits")
  .brand<"Digest">();

export type PlaygroundId = z.infer<typeof playgroundIdSchema>;
export type BuildId = z.infer<typeof buildIdSchema>;
export type SessionId = z.infer<typeof sessionIdSchema>;
export type TerminalId = z.infer<typeof terminalIdSchema>;
export type WorkerId = z.infer<typeof workerIdSchema>;
export type CommandId = z.infer<typeof commandIdSchema>;
export type Digest = z.infer<typeof digestSchema>;
