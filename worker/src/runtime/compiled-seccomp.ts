import { readFile } from "node:fs/promises";
import path from "node:path";

/** crun(1): the program to be loaded as it is, in base64, in place of the rules of `linux.seccomp`. */
export const COMPILED_SECCOMP_ANNOTATION = "run.oci.seccomp_bpf_data";
/** Size of a `struct sock_filter`, and how many of them the kernel takes (BPF_MAXINSNS of linux/bpf_common.h). */
const INSTRUCTION_BYTES = 8;
const MAX_INSTRUCTIONS = 4096;

/**
 * The filter that crun has compiled for one container, given to it again for the next ones. Compiling takes most of the
 * time of starting a container, and the rules are the same for all. It is crun's own work and not ours, so that it is
 * the same filter; and the rules stay in config.json for a crun that doesn't know the annotation.
 */
export class CompiledSeccomp {
  #base64: string | null = null;

  /** Annotations for config.json. */
  get annotations(): Readonly<Record<string, string>> {
    return this.#base64 === null ? {} : { [COMPILED_SECCOMP_ANNOTATION]: this.#base64 };
  }

  get isKnown(): boolean {
    return this.#base64 !== null;
  }

  /** Takes the filter out of the state of a container that was started with the rules and is not yet removed. */
  async learn(stateDirectory: string): Promise<void> {
    if (this.#base64 !== null) return;
    const filter = await readFile(path.join(stateDirectory, "seccomp.bpf")).catch(() => null);
    if (filter !== null && isFilter(filter)) this.#base64 = filter.toString("base64");
  }
}

function isFilter({ byteLength }: Uint8Array): boolean {
  const instructions = byteLength / INSTRUCTION_BYTES;
  return Number.isInteger(instructions) && instructions > 0 && instructions <= MAX_INSTRUCTIONS;
}
