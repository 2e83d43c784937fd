import type { Variables } from "./expansion.ts";
import type { Instruction } from "./instructions.ts";

/** Arguments that may be given without an ARG: they reach RUN, and neither cache key nor history (upper or lower case). */
export const PROXY_ARGS = ["HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY"] as const;

/** Arguments of BuildKit's own, which no Dockerfile has to declare. */
const BUILDKIT_ARG = /^(?:BUILDKIT_|SOURCE_DATE_EPOCH$|TARGETSTAGE$)/;

/** Environment that proxy arguments give to every RUN: each in upper and lower case, as programs read either. */
export function proxyEnvironment(buildArgs: Variables): Map<string, string> {
  const environment = new Map<string, string>();
  for (const [name, value] of buildArgs) {
    const proxy = PROXY_ARGS.find((one) => one === name.toUpperCase());
    if (proxy === undefined) continue;
    environment.set(proxy, value);
    environment.set(proxy.toLowerCase(), value);
  }
  return environment;
}

/** Build arguments that no ARG of the file declares, and that are none of the predefined ones. */
export function unusedBuildArgs(
  buildArgs: Variables,
  instructions: readonly Instruction[],
  predefined: Variables,
): string[] {
  const declared = new Set<string>();
  for (const instruction of instructions) {
    const inner = instruction.kind === "onbuild" ? instruction.instruction : instruction;
    if (inner.kind === "arg") for (const { name } of inner.args) declared.add(name);
  }
  const proxies = proxyEnvironment(buildArgs);
  return [...buildArgs.keys()].filter(
    (name) => !declared.has(name) && !proxies.has(name) && !predefined.has(name) && !BUILDKIT_ARG.test(name),
  );
}

/**
 * Value of an ARG of a stage: the one given to the build, else its own default (`expand` expands it), else that of the
 * global ARG of the same name; undefined where there is none. What `expand` throws is thrown.
 */
export function argValue(
  arg: { readonly name: string; readonly value: string | null },
  plan: { readonly buildArgs: Variables; readonly globalArgs: Variables },
  expand: (text: string) => string,
): string | undefined {
  const given = plan.buildArgs.get(arg.name);
  if (given !== undefined) return given;
  return arg.value === null ? plan.globalArgs.get(arg.name) : expand(arg.value);
}
