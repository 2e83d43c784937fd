import { argValue } from "../build-args.ts";
import type { Variables } from "../expansion.ts";
import { hereDocumentText } from "../here-documents.ts";
import type { IgnoreFile } from "../ignore-file.ts";
import type {
  ArgInstruction,
  CopyInstruction,
  ExposeInstruction,
  Instruction,
  RunInstruction,
} from "../instructions.ts";
import { MountError } from "../mount.ts";
import { readMount } from "../mount-reader.ts";
import { isIgnoredSource } from "./copy-sources.ts";
import { keywordOf } from "./file-checks.ts";
import type { Reporter } from "./reporter.ts";
import type { Scope } from "./scope.ts";

/** What the checks of a stage look at beside its instructions. */
export interface StageSurroundings {
  readonly globalArgs: Variables;
  readonly buildArgs: Variables;
  readonly ignoreFile: IgnoreFile | null;
  readonly files: readonly string[] | null;
}

/** What a stage leaves to those that stand on it. */
export interface StageState {
  readonly scope: Scope;
  hasWorkdir: boolean;
  hasShell: boolean;
}

const SECRET = /(?:_|^)(?:apikey|auth|credentials?|key|password|pword|passwd|secret|token)(?:_|$)/i;
const NO_SECRET = /(?:_|^)public(?:_|$)/i;

/** Goes through the instructions of one stage in the order in which the build does. */
export class StageChecker {
  readonly #state: StageState;
  readonly #surroundings: StageSurroundings;
  readonly #reporter: Reporter;
  /** The last instruction of a kind of which only the last one counts. */
  readonly #last = new Map<string, Instruction>();

  constructor(state: StageState, surroundings: StageSurroundings, reporter: Reporter) {
    this.#state = state;
    this.#surroundings = surroundings;
    this.#reporter = reporter;
  }

  check(instruction: Instruction): void {
    switch (instruction.kind) {
      case "arg":
        this.#arg(instruction);
        return;
      case "env":
      case "label":
        this.#pairs(instruction);
        return;
      case "run":
        this.#run(instruction);
        return;
      case "copy":
      case "add":
        this.#copy(instruction);
        return;
      case "workdir":
        this.#workdir(instruction, instruction.path);
        return;
      case "user":
        this.#expand(instruction.user, instruction);
        return;
      case "stopsignal":
        this.#expand(instruction.signal, instruction);
        return;
      case "volume":
        for (const path of instruction.paths) this.#expand(path, instruction);
        return;
      case "expose":
        this.#expose(instruction);
        return;
      case "shell":
        this.#state.hasShell = true;
        return;
      case "cmd":
      case "entrypoint":
        this.#checkForm(instruction);
        this.#once(instruction);
        return;
      case "healthcheck":
        this.#once(instruction);
        return;
      default:
        return;
    }
  }

  #expand(text: string, instruction: Instruction): string | null {
    return this.#state.scope.expand(text, instruction, this.#reporter);
  }

  #arg(instruction: ArgInstruction): void {
    for (const arg of instruction.args) {
      this.#checkSecret("ARG", arg.name, instruction);
      const value = argValue(arg, this.#surroundings, (text) => this.#expand(text, instruction) ?? "");
      if (value !== undefined) this.#state.scope.set(arg.name, value);
      this.#state.scope.declare(arg.name);
    }
  }

  #pairs(instruction: Instruction & { kind: "env" | "label" }): void {
    if (instruction.oldForm) {
      const keyword = keywordOf(instruction);
      const message = `"${keyword} key=value" should be used instead of legacy "${keyword} key value" format`;
      this.#reporter.report("LegacyKeyValueFormat", instruction, message);
    }
    const expanded = instruction.pairs.map(({ key, value }) => ({
      key: this.#expand(key, instruction) ?? key,
      value: this.#expand(value, instruction) ?? "",
    }));
    if (instruction.kind === "label") return;
    for (const { key, value } of expanded) {
      this.#checkSecret("ENV", key, instruction);
      this.#state.scope.set(key, value);
    }
  }

  #checkSecret(keyword: "ARG" | "ENV", name: string, instruction: Instruction): void {
    if (!SECRET.test(name) || NO_SECRET.test(name)) return;
    const message = `Do not use ARG or ENV instructions for sensitive data (${keyword} "${name}")`;
    this.#reporter.report("SecretsUsedInArgOrEnv", instruction, message);
  }

  #run(instruction: RunInstruction): void {
    for (const mount of instruction.mounts) {
      try {
        readMount(mount, (text) => this.#expand(text, instruction) ?? "");
      } catch (error) {
        if (!(error instanceof MountError)) throw error;
      }
    }
  }

  #copy(instruction: CopyInstruction): void {
    for (const text of [instruction.chown, instruction.chmod, instruction.checksum]) {
      if (text !== null) this.#expand(text, instruction);
    }
    for (const written of instruction.sources) {
      const source = this.#expand(written, instruction);
      if (source !== null) this.#checkSource(source, instruction);
    }
    for (const document of instruction.inline) {
      if (document.expand) {
        this.#state.scope.expandDocument(hereDocumentText(document), instruction, this.#reporter);
      }
    }
    this.#expand(instruction.destination, instruction);
  }

  #checkSource(source: string, instruction: CopyInstruction): void {
    const { ignoreFile, files } = this.#surroundings;
    if (ignoreFile === null || instruction.from !== null) return;
    if (!isIgnoredSource(source, ignoreFile, files)) return;
    const verb = instruction.kind === "add" ? "Add" : "Copy";
    const message = `Attempting to ${verb} file "${source}" that is excluded by .dockerignore`;
    this.#reporter.report("CopyIgnoredFile", instruction, message);
  }

  #workdir(instruction: Instruction, written: string): void {
    const path = this.#expand(written, instruction);
    if (path !== null && !this.#state.hasWorkdir && !path.startsWith("/")) {
      const message = `Relative workdir "${path}" can have unexpected results if the base image changes`;
      this.#reporter.report("WorkdirRelativePath", instruction, message);
    }
    this.#state.hasWorkdir = true;
  }

  #expose(instruction: ExposeInstruction): void {
    for (const word of instruction.ports.flatMap((port) => this.#state.scope.words(port))) {
      const parts = word.split(":");
      const protocol = parts.at(-1)?.split("/")[1] ?? "";
      if (protocol !== protocol.toLowerCase()) {
        const message = `Defined protocol '${word}' in EXPOSE instruction should be lowercase`;
        this.#reporter.report("ExposeProtoCasing", instruction, message);
      }
      if (parts.slice(0, -1).some((part) => part !== "")) {
        const message = `EXPOSE instruction should not define an IP address or host-port mapping, found '${word}'`;
        this.#reporter.report("ExposeInvalidFormat", instruction, message);
      }
    }
  }

  #checkForm(instruction: Instruction & { kind: "cmd" | "entrypoint" }): void {
    if (instruction.command.form === "exec" || this.#state.hasShell) return;
    const keyword = keywordOf(instruction);
    const message = `JSON arguments recommended for ${keyword} to prevent unintended behavior related to OS signals`;
    this.#reporter.report("JSONArgsRecommended", instruction, message);
  }

  /** It is the earlier one of two that is reported: it has no effect. */
  #once(instruction: Instruction): void {
    const earlier = this.#last.get(instruction.kind);
    if (earlier) {
      const message = `Multiple ${keywordOf(instruction)} instructions should not be used in the same stage because only the last one will be used`;
      this.#reporter.report("MultipleInstructionsDisallowed", earlier, message);
    }
    this.#last.set(instruction.kind, instruction);
  }
}
