import { once } from "node:events";
import { closeSync } from "node:fs";
import { Socket } from "node:net";
import { openPipe, reapProgram, spawnProgram } from "@slipway/native";

/** What is kept of what a program says, characters. */
const SAID_CHARACTERS = 8 * 1024;

/** A command line, and what it is to have open after its three standard streams. */
export interface BriefCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly descriptors: readonly number[];
}

export interface BriefEnd {
  /** 128 + signal when it was killed. */
  readonly exitCode: number;
  /** What it wrote to stdout and stderr. */
  readonly said: string;
}

/**
 * Runs a program that is through in a few milliseconds, such as an OCI runtime that passes on a request. Node's own spawn
 * would take as long again. One that isn't through after `timeoutMs` is killed.
 */
export async function runBriefly(command: BriefCommand, timeoutMs: number): Promise<BriefEnd> {
  const stdin = openPipe();
  const output = openPipe();
  closeSync(stdin.writeEnd);
  let said = "";
  const socket = new Socket({ fd: output.readEnd, readable: true, writable: false });
  socket.on("data", (chunk) => {
    said = (said + chunk.toString()).slice(0, SAID_CHARACTERS);
  });
  const ended = once(socket, "close");
  const given = [stdin.readEnd, output.writeEnd, output.writeEnd];
  let pid: number;
  try {
    pid = await spawnProgram(command.file, command.args, [...given, ...command.descriptors]);
  } finally {
    for (const descriptor of [stdin.readEnd, output.writeEnd]) closeSync(descriptor);
  }
  const timer = setTimeout(() => process.kill(pid, "SIGKILL"), timeoutMs);
  try {
    await ended;
    const status = await reapProgram(pid);
    const killedBy = status & 0x7f;
    return { exitCode: killedBy === 0 ? (status >> 8) & 0xff : 128 + killedBy, said };
  } finally {
    clearTimeout(timer);
  }
}
