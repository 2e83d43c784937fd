// A worker process that opens a terminal, sees its first output, says so, and waits to be killed.
// Arguments: directory of terminals, path of pty-runtime, terminal id, command.
import { terminalIdSchema } from "@slipway/protocol";
import { ptyCommand, RecordingViewer, shimProgram } from "../pty-fixture.ts";
import { ShimTerminals } from "../shim-terminals.ts";

// Programs that it starts have no part in a sanitizer of its own.
delete process.env.LD_PRELOAD;

const [directory = "", runtime = "", id = "", ...argv] = process.argv.slice(2);
const terminals = new ShimTerminals({ directory, program: shimProgram });
const terminal = await terminals.open(terminalIdSchema.parse(id), { rows: 24, cols: 80 }, async (files) =>
  ptyCommand(runtime, files, argv),
);
const viewer = new RecordingViewer().attachTo(terminal, null);
await viewer.until(({ text }) => text.includes("\n"));
console.log(viewer.next);
