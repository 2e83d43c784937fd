import xterm from "@xterm/headless";
import { coreOf } from "./core.ts";

/** Final characters by which programs designate a character set (ECMA-35, 14.3), as far as xterm.js knows them. */
const FINALS = ["0", "A", "4", "C", "5", "R", "Q", "K", "Y", "E", "6", "Z", "H", "7", "="];

const finals = new Map<object, string>();

/** The final character that designates `set`; xterm.js has no name for it but the object. */
export function charsetFinal(set: object | undefined): string {
  if (set === undefined) return "B";
  if (finals.size === 0) learn();
  return finals.get(set) ?? "B";
}

function learn(): void {
  const terminal = new xterm.Terminal({ rows: 2, cols: 2, allowProposedApi: true });
  const core = coreOf(terminal);
  for (const final of FINALS) {
    core.writeSync(Buffer.from(`\u001b(${final}`));
    const set = core._charsetService._charsets[0];
    if (set !== undefined && !finals.has(set)) finals.set(set, final);
  }
  terminal.dispose();
}
