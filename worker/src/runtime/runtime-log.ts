import { readFile } from "node:fs/promises";
import { z } from "zod";

const logLineSchema = z.object({ level: z.string(), msg: z.string() });

/** The last error in the runtime's log of JSON lines. */
export async function lastError(logFile: string): Promise<string> {
  const lines = (await readFile(logFile, "utf8").catch(() => "")).split("\n").reverse();
  for (const line of lines) {
    try {
      const parsed = logLineSchema.parse(JSON.parse(line));
      if (parsed.level === "error") return parsed.msg.slice(0, 2000);
    } catch {
      // not a line of the log
    }
  }
  return "it gave no reason";
}
