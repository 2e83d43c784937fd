import type { LaunchRequest } from "@slipway/protocol";
import { SlipwayError } from "@slipway/protocol";
import type { ExecutionConfig } from "../oci/image-spec.ts";

/** PATH where an image sets none, as Docker has it. */
const DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
/** Shells in the order in which people like them. */
export const SHELLS = ["/bin/bash", "/usr/bin/bash", "/bin/sh", "/usr/bin/sh", "/bin/ash"];
const SHELL_NAMES = new Set(["bash", "sh", "ash", "dash", "zsh"]);
/** Flags with which a shell still waits for input. */
const INTERACTIVE_FLAGS = /^(-[il]+|--(login|noprofile|norc|posix))$/;

/** The main process of a session: what the image says, or a shell instead of it. */
export function mainCommand(
  start: LaunchRequest["start"],
  config: ExecutionConfig,
  shell: string | null,
): readonly string[] {
  if (start === "command") {
    const args = [...(config.Entrypoint ?? []), ...(config.Cmd ?? [])];
    if (args.length > 0) return args;
  }
  if (shell !== null) return [shell];
  throw new SlipwayError("command-not-found", "The image names no command and holds no shell.", {
    params: { command: "/bin/sh" },
  });
}

/** True where a command is itself a shell that waits for input, so that no second one is needed beside it. */
export function isInteractiveShell(args: readonly string[]): boolean {
  const [program, ...rest] = args;
  const name = program?.slice(program.lastIndexOf("/") + 1) ?? "";
  return SHELL_NAMES.has(name) && rest.every((arg) => INTERACTIVE_FLAGS.test(arg));
}

/**
 * Environment of a process with a terminal: the image's over what Docker adds, and a UTF-8 locale, without which shells take
 * the bytes of Korean letters for editing keys.
 */
export function environment(config: ExecutionConfig, hostname: string, home: string): string[] {
  const env = new Map<string, string>([
    ["PATH", DEFAULT_PATH],
    ["HOSTNAME", hostname],
    ["TERM", "xterm-256color"],
    ["LANG", "C.UTF-8"],
    ["HOME", home],
  ]);
  for (const entry of config.Env ?? []) {
    const equals = entry.indexOf("=");
    if (equals > 0) env.set(entry.slice(0, equals), entry.slice(equals + 1));
  }
  return [...env].map(([name, value]) => `${name}=${value}`);
}

/** The signal that asks the main process to end. A shell that waits for input ends by SIGHUP, not by SIGTERM. */
export function stopSignal(args: readonly string[], config: ExecutionConfig): string {
  if (config.StopSignal) return config.StopSignal;
  return isInteractiveShell(args) ? "SIGHUP" : "SIGTERM";
}
