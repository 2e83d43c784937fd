import xterm from "@xterm/headless";
import { expect, test } from "vitest";
import { isTerminalReply } from "./terminal-replies.ts";

/** What the real xterm.js, as the page has it, answers by itself to `output`. */
async function answers(output: string): Promise<string[]> {
  const terminal = new xterm.Terminal({ rows: 24, cols: 80, allowProposedApi: true });
  const said: string[] = [];
  terminal.onData((data) => said.push(data));
  terminal.onBinary((data) => said.push(data));
  await new Promise<void>((resolve) => terminal.write(output, resolve));
  terminal.dispose();
  return said;
}

test.each([
  ["who are you (DA1)", "\u001b[c"],
  ["who are you (DA2)", "\u001b[>c"],
  ["are you well (DSR)", "\u001b[5n"],
  ["where is the cursor (CPR)", "\u001b[6n"],
  ["where is the cursor (DECXCPR)", "\u001b[?6n"],
  ["is this mode set (DECRQM)", "\u001b[4$p"],
  ["is this private mode set (DECRQM)", "\u001b[?2004$p"],
  ["what is the rendition (DECRQSS)", "\u001bP$qm\u001b\\"],
  ["what is the scroll region (DECRQSS)", "\u001bP$qr\u001b\\"],
  ["what is that, with a command in the question (DECRQSS)", "\u001bP$qrm -rf /\r\u001b\\"],
])("the answer to %s is told from typing", async (_, question) => {
  const said = await answers(question);
  expect(said.length).toBeGreaterThan(0);
  for (const answer of said) expect(isTerminalReply(answer), JSON.stringify(answer)).toBe(true);
});

test.each([
  ["what is the title (CSI 21 t)", "\u001b]2;rm -rf /\r\u0007\u001b[21t"],
  ["what is the icon's name (CSI 20 t)", "\u001b]1;rm -rf /\r\u0007\u001b[20t"],
  ["how large is the window (CSI 14 t, 18 t, 19 t)", "\u001b[14t\u001b[18t\u001b[19t"],
  ["what is on the clipboard (OSC 52)", "\u001b]52;c;?\u0007"],
  ["what is your answerback (ENQ)", "\u0005"],
])("nothing is answered to %s", async (_, question) => {
  expect(await answers(question)).toEqual([]);
});

test("a program can't resize the window or its terminal (CSI 8 t, DECCOLM)", async () => {
  const terminal = new xterm.Terminal({ rows: 24, cols: 80, allowProposedApi: true });
  await new Promise<void>((resolve) => terminal.write("\u001b[8;5;5t\u001b[4;1;1t\u001b[?3h", resolve));
  expect([terminal.rows, terminal.cols]).toEqual([24, 80]);
  terminal.dispose();
});
