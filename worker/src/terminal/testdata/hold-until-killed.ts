// A worker process that holds the terminals of a directory, has a viewer in one that draws all, and says how far that is.
// Arguments: directory of terminals, terminal id, first byte wanted.
import { terminalIdSchema } from "@slipway/protocol";
import { RecordingViewer, shimProgram } from "../pty-fixture.ts";
import { ShimTerminals } from "../shim-terminals.ts";

const [directory = "", id = "", next = ""] = process.argv.slice(2);
const terminals = new ShimTerminals({ directory, program: shimProgram });
const terminal = await terminals.adopt(terminalIdSchema.parse(id));
if (terminal === null) throw new Error("the terminal is gone");
const viewer = new RecordingViewer().attachTo(terminal, Number(next));
for (;;) {
  const seen = viewer.next;
  await viewer.until((now) => now.next > seen || now.exit !== null, 60_000);
  // Written at once and whole: the process may be killed at any moment.
  process.stdout.write(`${viewer.attachment?.start} ${viewer.gaps} ${viewer.next}\n`);
  viewer.chunks = [];
  if (viewer.exit !== null) break;
}
