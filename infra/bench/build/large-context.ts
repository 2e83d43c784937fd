import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { Readable } from "node:stream";
import { encodeTarHeader, TAR_END, tarPadding } from "../../../worker/src/layer/tar-encoder.ts";
import { incompressible } from "./workloads.ts";

const FILE_BYTES = 1_000_000;
const FILES = 1_000;

/** A context of 1 GB in a thousand files, made while it is sent. */
function* largeTar(): Generator<Uint8Array> {
  yield* file("Dockerfile", Buffer.from("FROM busybox\nCOPY data /data\n"));
  const content = incompressible("large", FILE_BYTES);
  for (let number = 0; number < FILES; number += 1) {
    content.writeUInt32LE(number, 0);
    yield* file(`data/${number}`, Buffer.from(content));
  }
  yield TAR_END;
}

function* file(path: string, content: Buffer): Generator<Uint8Array> {
  yield encodeTarHeader({
    path,
    type: "file",
    mode: 0o644,
    uid: 0,
    gid: 0,
    sizeBytes: content.byteLength,
    mtimeSeconds: 1_700_000_000,
  });
  yield content;
  yield tarPadding(content.byteLength);
}

/** Serves the context as the control plane does, to whoever asks. */
export async function serveLargeContext(): Promise<{ url: string; close: () => void }> {
  const server: Server = createServer((_request, response) => {
    response.setHeader("content-type", "application/x-tar");
    Readable.from(largeTar(), { objectMode: false }).pipe(response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => server.close() };
}
