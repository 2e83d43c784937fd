import { z } from "zod";

/** Registries that one person may be logged in to. */
export const MAX_REGISTRY_CREDENTIALS = 32;

/** Host of a registry, with its port where it has one, as references name it: `docker.io`, `127.0.0.1:5000`. */
export const registryHostSchema = z
  .string()
  .max(253)
  .regex(/^(?:[a-zA-Z0-9-]+(?:\.[a-zA-Z0-9-]+)*|\[[0-9a-fA-F:]+\])(?::[0-9]{1,5})?$/);

/** What `docker login` keeps for one registry. */
export const registryCredentialSchema = z.object({
  registry: registryHostSchema,
  username: z.string().min(1).max(256),
  /** Password or access token. */
  password: z.string().min(1).max(16_384),
});
export type RegistryCredential = z.infer<typeof registryCredentialSchema>;
