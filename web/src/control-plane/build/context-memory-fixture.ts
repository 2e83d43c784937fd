import { Writable } from "node:stream";
import { buildIdSchema } from "@slipway/protocol";
import { openDatabase } from "../db/database.ts";
import { listContext, writeContextTar } from "./build-context.ts";

/*
 * A process that does nothing but send one context to a reader that pauses now and then, so that its memory is that of the
 * sending: `node --import tsx context-memory-fixture.ts <database> <build>` prints what it sent and took, in bytes.
 */

const PAUSE_EVERY_BYTES = 32 * 1024 * 1024;
const PAUSE_MS = 50;

const [, , url = "", build = ""] = process.argv;
const database = openDatabase(url);
const id = buildIdSchema.parse(build);
const files = (await listContext(database, id)) ?? [];
const idle = process.memoryUsage().rss;
let peak = idle;
let sent = 0;
const reader = new Writable({
  write(chunk: Uint8Array, _encoding, done) {
    const pauses =
      Math.floor((sent + chunk.length) / PAUSE_EVERY_BYTES) > Math.floor(sent / PAUSE_EVERY_BYTES);
    sent += chunk.length;
    peak = Math.max(peak, process.memoryUsage().rss);
    if (pauses) setTimeout(done, PAUSE_MS);
    else done();
  },
});
await writeContextTar(database, id, files, reader);
process.stdout.write(JSON.stringify({ sent, overIdle: peak - idle }));
await database.$disconnect();
