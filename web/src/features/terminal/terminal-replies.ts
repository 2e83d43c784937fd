/*
 * A terminal answers some of what programs print: who it is, where the cursor stands, which colours it has. Output that
 * was kept and is drawn again, after a reload, holds such questions too; they were answered when they were asked, and a
 * second answer would arrive at the prompt as if it had been typed.
 */
const ESCAPE = "\\u001b";
const REPLY = new RegExp(
  `^(?:${ESCAPE}\\[[?>=]?[\\d;]*[cnRty]|${ESCAPE}\\[\\??[\\d;]*\\$y|${ESCAPE}\\][\\d;]+rgb:[\\da-fA-F/]+(?:\\u0007|${ESCAPE}\\\\)|${ESCAPE}P[\\s\\S]*${ESCAPE}\\\\)+$`,
);

/** True for data that a terminal sends by itself, never for keys. */
export const isTerminalReply = (data: string): boolean => REPLY.test(data);
