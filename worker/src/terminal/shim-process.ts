import { SlipwayError, type TerminalSize } from "@slipway/protocol";
import { z } from "zod";
import { ProgramError, runProgram } from "../process/program.ts";

/** The shim gives its runtime 60 s; one that says nothing for longer is broken. */
const REPORT_TIMEOUT_MS = 65_000;
/** env(1) exits with this or more where it could not run the program. */
const CANNOT_RUN = 125;

const reportSchema = z.discriminatedUnion("ready", [
  z.object({ ready: z.literal(true), pid: z.number().int().positive() }),
  z.object({ ready: z.literal(false), exitStatus: z.number().int().nullable(), message: z.string() }),
]);

/**
 * Starts a shim in `directory` and resolves when its process runs. Rejects with `command-not-found` or `runtime-failed`
 * and what the runtime wrote. The shim leaves this process's session and gets none of its environment but the PATH.
 */
export async function startShim(
  program: string,
  directory: string,
  options: { size: TerminalSize; ringBytes: number; command: readonly string[] },
): Promise<void> {
  const { size, ringBytes, command } = options;
  const args = ["--dir", directory, "--rows", `${size.rows}`, "--cols", `${size.cols}`];
  const text = await output(program, [...args, "--scrollback", `${ringBytes}`, "--", ...command]);
  const report = reportSchema.safeParse(parseJson(text));
  if (!report.success)
    throw new SlipwayError("runtime-failed", "The terminal's shim ended without a report.");
  if (!report.data.ready) throw runtimeError(report.data.message);
}

/** What a shim writes before it leaves for a process of its own. Its environment is the PATH and nothing else. */
async function output(program: string, args: readonly string[]): Promise<string> {
  const clean = ["-i", `PATH=${process.env.PATH}`, program, ...args] as const;
  try {
    const { stdout } = await runProgram(["/usr/bin/env", ...clean], {
      timeoutMs: REPORT_TIMEOUT_MS,
      hearsErrors: false,
    });
    return stdout;
  } catch (error) {
    const failed = error instanceof ProgramError && error.exitCode !== null && error.exitCode < CANNOT_RUN;
    if (failed) return "";
    const reason = error instanceof Error ? error.message : String(error);
    throw new SlipwayError("runtime-failed", `${program} can't be run: ${reason}`, { cause: error });
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

/** crun and runc say that a program is missing only in words. */
function runtimeError(message: string): SlipwayError {
  const words = message.trim();
  return /executable file .*not found|no such file or directory.*exec|exec.*no such file or directory/i.test(
    words,
  )
    ? new SlipwayError("command-not-found", words)
    : new SlipwayError("runtime-failed", words || "The runtime failed and said nothing.");
}
