import type { Terminal } from "../terminal/terminal.ts";

/** Longest wait for a text. */
const WAIT_MS = 15_000;

/** Collects a terminal's output from its first byte on, and waits for a text in it. */
export async function screen(terminal: Terminal | null, expected: RegExp): Promise<string> {
  if (!terminal) throw new Error("no such terminal");
  let text = "";
  let seen = () => {};
  const found = new Promise<void>((resolve) => {
    seen = resolve;
  });
  const attachment = await terminal.attach(null, {
    output: (_sequence, data) => {
      text += Buffer.from(data).toString();
      if (expected.test(text)) seen();
    },
    resized: () => {},
    exited: () => {},
    dropped: () => {},
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`not on the screen: ${JSON.stringify(text)}`)), WAIT_MS);
  });
  try {
    await Promise.race([found, late]);
    return text;
  } finally {
    clearTimeout(timer);
    attachment.detach();
  }
}

/** Types a line and waits for what comes of it. */
export async function type(terminal: Terminal | null, line: string, expected: RegExp): Promise<string> {
  terminal?.write(Buffer.from(`${line}\n`));
  return await screen(terminal, expected);
}
