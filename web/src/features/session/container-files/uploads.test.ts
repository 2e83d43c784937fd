import { MAX_UPLOAD_BYTES } from "@slipway/protocol";
import { expect, test } from "vitest";
import { WireFailure } from "../../../rpc/failure.ts";
import type { Collected } from "../../../ui/collect-files.ts";
import { above, inOrder, within } from "./places.ts";
import { type UploadState, upload } from "./uploads.ts";

const file = (path: string, size: number): Collected => ({ path, file: { size } as File });

async function run(
  files: readonly Collected[],
  fails: (path: string) => boolean,
  stopAt = Number.POSITIVE_INFINITY,
) {
  const states: UploadState[] = [];
  const made: string[] = [];
  const stop = new AbortController();
  await upload(
    {
      makeDirectory: async (path) => void made.push(`${path}/`),
      upload: async (path, _file, progress) => {
        progress(3);
        if (made.length >= stopAt) stop.abort(new Error("stopped"));
        if (stop.signal.aborted) throw stop.signal.reason;
        if (fails(path))
          throw new WireFailure({ code: "session-disk-full", fault: "capacity", message: "", params: {} });
        made.push(path);
      },
    },
    "/app",
    files,
    (state) => states.push(state),
    stop.signal,
  );
  return { last: states.at(-1), states, made };
}

test("one file that fails keeps none of the others back, and is named", async () => {
  const files = [file("a", 10), file("b/c", 5), { path: "empty", file: null }, file("d", 1)];
  const { last, made, states } = await run(files, (path) => path.endsWith("c"));
  expect(made).toEqual(["/app/a", "/app/empty/", "/app/d"]);
  expect(last).toMatchObject({ files: 4, done: 3, sentBytes: 16, totalBytes: 16, isOver: true });
  expect(last?.failures).toMatchObject([{ path: "b/c", error: { code: "session-disk-full" } }]);
  const sent = states.map(({ sentBytes }) => sentBytes);
  expect(sent).toEqual([...sent].sort((one, other) => one - other));
});

test("a file that is too large is not even begun, and too many files are refused together", async () => {
  const { last, made } = await run([file("huge", MAX_UPLOAD_BYTES + 1), file("ok", 1)], () => false);
  expect(made).toEqual(["/app/ok"]);
  expect(last?.failures).toMatchObject([{ path: "huge", error: { code: "upload-too-large" } }]);
  const many = Array.from({ length: 2001 }, (_, index) => file(`f${index}`, 0));
  await expect(run(many, () => false)).rejects.toMatchObject({ wire: { code: "files-too-large" } });
});

test("a stop begins no other file and blames none", async () => {
  const { last, made } = await run([file("a", 1), file("b", 1), file("c", 1)], () => false, 1);
  expect(made).toEqual(["/app/a"]);
  expect(last).toMatchObject({ done: 1, isOver: true, failures: [] });
});

test("paths of a container go down and up, and the root is above itself", () => {
  expect([within("/", "a"), within("/a", "b/c"), above("/a/b"), above("/a"), above("/")]).toEqual([
    "/a",
    "/a/b/c",
    "/a",
    "/",
    "/",
  ]);
  const entry = (name: string, kind: "file" | "directory") => ({ name, kind, sizeBytes: 0, linked: false });
  const names = inOrder([entry("b", "file"), entry("z", "directory"), entry("a", "file")]);
  expect(names.map(({ name }) => name)).toEqual(["z", "a", "b"]);
});
