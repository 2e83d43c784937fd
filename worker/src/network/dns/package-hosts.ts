/** Hosts by name, and whole domains as `*.example.org`, without the domain itself; in lower case. */
export class HostPatterns {
  readonly #names = new Set<string>();
  readonly #domains: string[] = [];

  constructor(patterns: Iterable<string>) {
    for (const pattern of patterns) {
      if (pattern.startsWith("*.")) this.#domains.push(pattern.slice(1).toLowerCase());
      else this.#names.add(pattern.toLowerCase());
    }
  }

  /** @param name in lower case, without a last dot */
  match(name: string): boolean {
    return this.#names.has(name) || this.#domains.some((domain) => name.endsWith(domain));
  }
}
