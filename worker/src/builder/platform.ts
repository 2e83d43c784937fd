/** Go's names of processor architectures, which images use (image-index.md, "platform"). */
const ARCHITECTURES: Readonly<Record<string, string>> = {
  x64: "amd64",
  arm64: "arm64",
  arm: "arm",
  ppc64: "ppc64le",
  s390x: "s390x",
  riscv64: "riscv64",
};

/** The architecture that this machine builds for. */
export const ARCHITECTURE: string = ARCHITECTURES[process.arch] ?? process.arch;
export const PLATFORM = `linux/${ARCHITECTURE}`;

/** Arguments that BuildKit predefines in the global scope. */
export const PLATFORM_ARGS: ReadonlyMap<string, string> = new Map(
  ["TARGET", "BUILD"].flatMap((prefix): [string, string][] => [
    [`${prefix}PLATFORM`, PLATFORM],
    [`${prefix}OS`, "linux"],
    [`${prefix}ARCH`, ARCHITECTURE],
    [`${prefix}VARIANT`, ""],
  ]),
);
