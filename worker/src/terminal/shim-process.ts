import { spawn } from "node:child_process";
import { SlipwayError, type TerminalSize } from "@slipway/protocol";
import { z } from "zod";

/** The shim gives its runtime 60 s; one that says nothing for longer is broken. */
const REPORT_TIMEOUT_MS = 65_000;
/** Longest report that is read. The runtime's words in it are cut by the shim to 8 KiB. */
const REPORT_BYTES = 64 * 1024;

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

function output(program: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const env = { PATH: process.env.PATH };
    const child = spawn(program, args, { env, detached: true, stdio: ["ignore", "pipe", "ignore"] });
    const timer = setTimeout(() => child.stdout.destroy(), REPORT_TIMEOUT_MS);
    let text = "";
    child.stdout.setEncoding("utf8");
    child.stdout.on("data", (data: string) => {
      if (text.length < REPORT_BYTES) text += data;
    });
    child.on("error", (error) =>
      reject(
        new SlipwayError("runtime-failed", `${program} can't be run: ${error.message}`, { cause: error }),
      ),
    );
    child.on("close", () => {
      clearTimeout(timer);
      resolve(text);
    });
  });
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
