import { plainRow } from "./ansi.ts";
import type { Step } from "./build-log.ts";
import { linesOf } from "./log-lines.ts";

/** What steps printed as plain text; of several each under its instruction. */
export function plainLog(steps: readonly Step[]): string {
  const printed = steps.filter(({ output }) => output.characters > 0);
  return printed
    .map((step) => {
      const lines = linesOf(step.output);
      const rows = Array.from({ length: lines.count }, (_, index) => plainRow(lines.row(index)));
      const title = steps.length > 1 ? [`# ${step.index + 1}  ${step.text}`] : [];
      return `${[...title, ...rows].join("\n")}\n`;
    })
    .join("\n");
}

/** Puts text on the clipboard. False where the browser does not let a page do that. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Hands text to the person as a file. */
export function download(name: string, text: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: "text/plain;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}
