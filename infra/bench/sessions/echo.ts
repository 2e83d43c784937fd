import { setTimeout as sleep } from "node:timers/promises";
import type { Viewed } from "./viewer.ts";

const KEY_PAUSE_MS = 10;
const ENTER = "\r";
const LETTERS = "abcdefghijklmnopqrstuvwxyz";
/** After so many letters the line is given up, as a person would: by Ctrl-U. */
const LINE_LETTERS = 40;
const CTRL_U = "\u0015";

/** Milliseconds from a key to its echo, for each of `keys` keys, one after the other. */
export async function keyEchoes(terminal: Viewed, keys: number, pauseMs = KEY_PAUSE_MS): Promise<number[]> {
  const samples: number[] = [];
  for (let key = 0; key < keys; key += 1) {
    if (key > 0 && key % LINE_LETTERS === 0) {
      const cleared = terminal.output(() => true);
      terminal.send(CTRL_U);
      await cleared;
    }
    const letter = LETTERS.charAt(key % LETTERS.length);
    const echoed = terminal.output((data) => data.includes(letter));
    const sent = performance.now();
    terminal.send(letter);
    samples.push((await echoed) - sent);
    await sleep(pauseMs);
  }
  terminal.send(CTRL_U);
  return samples;
}

export interface Bulk {
  readonly megabytesPerSecond: number;
  readonly bytes: number;
}

/** Output of so many bytes, in lines as programs write them, as fast as it comes. */
export async function bulkOutput(terminal: Viewed, megabytes: number, onChunk: () => void): Promise<Bulk> {
  const line = "x".repeat(98);
  const count = megabytes * 10_000;
  const mark = `end-of-${count}`;
  let bytes = 0;
  let tail = "";
  let started = 0;
  const ended = terminal.output((data) => {
    if (started === 0 && data.includes("xxxx")) started = performance.now();
    bytes += data.byteLength;
    tail = (tail + data.subarray(-200).toString("latin1")).slice(-400);
    onChunk();
    return bytes > count * line.length && tail.includes(`${mark}\r\n`);
  });
  // The mark is put together by the shell, so that its echo is not taken for it.
  terminal.send(`yes ${line} | head -n ${count}; echo end-of-''${count}${ENTER}`);
  const at = await ended;
  return { megabytesPerSecond: bytes / 1e6 / ((at - started) / 1000), bytes };
}

/** The shell has come to its prompt and hears. */
export async function settle(terminal: Viewed): Promise<void> {
  const heard = terminal.output((data) => data.includes("ready-42"));
  terminal.send(`echo ready-$((40+2))${ENTER}`);
  await heard;
}
