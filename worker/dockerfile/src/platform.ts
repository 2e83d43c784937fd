/** Other names of architectures (github.com/containerd/platforms, normalizeArch). */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  i386: "386",
  x86_64: "amd64",
  "x86-64": "amd64",
  aarch64: "arm64",
  armhf: "arm/v7",
  armel: "arm/v6",
};

const SYSTEMS = new Set(["linux", "windows", "darwin", "freebsd", "wasip1"]);
const PART = /^[a-z0-9_-]+$/;

/**
 * A platform in its one form, `os/architecture` or `os/architecture/variant`; one that is written as system or
 * architecture alone gets the other half from `native`. null where the text is none (platforms.Parse).
 */
export function normalisePlatform(text: string, native: string): string | null {
  const parts = text.toLowerCase().split("/");
  if (parts.length > 3 || !parts.every((part) => PART.test(part))) return null;
  const [nativeSystem = "linux", nativeArchitecture = "amd64"] = native.split("/");
  const [first = "", second, variant] = parts;
  if (second !== undefined) return format(first === "macos" ? "darwin" : first, second, variant);
  if (SYSTEMS.has(first)) return format(first, nativeArchitecture, undefined);
  return format(nativeSystem, first, undefined);
}

function format(system: string, architecture: string, variant: string | undefined): string {
  const [name = "", own] = (ARCHITECTURES[architecture] ?? architecture).split("/");
  const suffix = variant ?? own ?? (name === "arm" ? "v7" : undefined);
  // These variants are what the architecture is without one.
  const isDefault = (name === "arm64" && /^v?8$/.test(suffix ?? "")) || (name === "amd64" && suffix === "v1");
  if (suffix === undefined || isDefault) return `${system}/${name}`;
  return `${system}/${name}/${/^\d$/.test(suffix) ? `v${suffix}` : suffix}`;
}
