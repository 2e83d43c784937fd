import type { RegistryCredential } from "@slipway/protocol";

/** A login as its owner sees it: never with the password. */
export interface RegistryLoginView {
  readonly registry: string;
  /** Null when it can't be opened any more, because the secret that sealed it is gone; it has to be made anew. */
  readonly username: string | null;
  /** Milliseconds since the epoch. */
  readonly updatedAt: number;
}

/**
 * What `docker login` keeps, per person: at most MAX_REGISTRY_CREDENTIALS, one for each registry. They go with the account.
 * Hosts are normalised (registry-host.ts), so `https://index.docker.io/v1/` and `docker.io` are the same login.
 */
export interface RegistryLogins {
  /** Sorted by registry. */
  list(userId: string): Promise<RegistryLoginView[]>;
  /** Takes the place of an earlier login to the same registry. @throws registry-host-invalid, registry-login-limit */
  save(userId: string, login: RegistryCredential): Promise<RegistryLoginView>;
  /** A login that is not there is no error. */
  remove(userId: string, registry: string): Promise<void>;
  /** The logins themselves, for a worker that builds for this person; those that can't be opened are left out. */
  open(userId: string): Promise<RegistryCredential[]>;
}
