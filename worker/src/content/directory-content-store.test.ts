import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { Digest } from "@slipway/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { digestOf, hexOf } from "./digest.ts";
import { openContentStore } from "./directory-content-store.ts";

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-content-"));
});
afterEach(async () => {
  await rm(directory, { recursive: true, force: true });
});

async function* chunks(...texts: string[]): AsyncIterable<Uint8Array> {
  for (const text of texts) yield Buffer.from(text);
}

const blobNames = () => readdir(path.join(directory, "blobs", "sha256"));
const halfNames = () => readdir(path.join(directory, "ingest"));

describe("the content store", () => {
  it("keeps a stream under the digest of its bytes", async () => {
    const store = await openContentStore(directory);
    const blob = await store.ingest(chunks("hello ", "world"), { limitBytes: 100 });
    expect(blob).toEqual({ digest: digestOf("hello world"), sizeBytes: 11 });
    expect(Buffer.from(await store.bytes(blob.digest, 100)).toString()).toBe("hello world");
    expect(await blobNames()).toEqual([hexOf(blob.digest)]);
  });

  it("keeps nothing of a stream whose digest is not the expected one", async () => {
    const store = await openContentStore(directory);
    const expected = { digest: digestOf("other"), sizeBytes: 5 };
    await expect(store.ingest(chunks("hello"), { limitBytes: 100, expected })).rejects.toMatchObject({
      code: "store-corrupt",
    });
    expect([await blobNames(), await halfNames()]).toEqual([[], []]);
  });

  it("keeps nothing of a stream above the bound, and stops reading it", async () => {
    const store = await openContentStore(directory);
    async function* endless(): AsyncIterable<Uint8Array> {
      for (;;) yield Buffer.alloc(1000);
    }
    await expect(store.ingest(endless(), { limitBytes: 5000 })).rejects.toMatchObject({ code: "disk-full" });
    expect(await halfNames()).toEqual([]);
  });

  it("keeps nothing of an aborted stream", async () => {
    const store = await openContentStore(directory);
    const abort = new AbortController();
    async function* aborted(): AsyncIterable<Uint8Array> {
      yield Buffer.from("a");
      abort.abort();
      yield Buffer.from("b");
    }
    await expect(store.ingest(aborted(), { limitBytes: 10, signal: abort.signal })).rejects.toThrow();
    expect([await blobNames(), await halfNames()]).toEqual([[], []]);
  });

  it("says so when a blob was changed on the disk", async () => {
    const store = await openContentStore(directory);
    const { digest } = await store.put(Buffer.from("hello"));
    await writeFile(path.join(directory, "blobs", "sha256", hexOf(digest)), "jello");
    await expect(store.bytes(digest, 100)).rejects.toMatchObject({ code: "store-corrupt" });
  });

  it("says so when a blob is missing", async () => {
    const store = await openContentStore(directory);
    const digest: Digest = digestOf("never written");
    expect(await store.size(digest)).toBeNull();
    await expect(store.stream(digest)).rejects.toMatchObject({ code: "store-corrupt" });
  });

  it("removes what an earlier process left half written, and keeps whole blobs", async () => {
    const first = await openContentStore(directory);
    const { digest } = await first.put(Buffer.from("whole"));
    await writeFile(path.join(directory, "ingest", "half"), "ha");
    const second = await openContentStore(directory);
    expect(await halfNames()).toEqual([]);
    expect(Buffer.from(await second.bytes(digest, 10)).toString()).toBe("whole");
  });

  it("lists its blobs, and removes of them only what was not used meanwhile", async () => {
    const store = await openContentStore(directory);
    const [one, two] = [await store.put(Buffer.from("one")), await store.put(Buffer.from("two"))];
    expect((await store.list()).sort()).toEqual([one.digest, two.digest].sort());
    const since = performance.now();
    await store.size(one.digest);
    expect(await store.removeUnused(one.digest, since)).toBe(false);
    expect(await store.removeUnused(two.digest, since)).toBe(true);
    expect(await store.removeUnused(two.digest, since)).toBe(true);
    expect(await store.list()).toEqual([one.digest]);
    expect(await halfNames()).toEqual([]);
  });

  it("is an OCI image layout", async () => {
    await openContentStore(directory);
    expect(JSON.parse(await readFile(path.join(directory, "oci-layout"), "utf8"))).toEqual({
      imageLayoutVersion: "1.0.0",
    });
  });

  it("takes the same blob from many writers at once", async () => {
    const store = await openContentStore(directory);
    const blobs = await Promise.all(
      Array.from({ length: 20 }, () => store.ingest(chunks("same"), { limitBytes: 10 })),
    );
    expect(new Set(blobs.map(({ digest }) => digest)).size).toBe(1);
    expect(await halfNames()).toEqual([]);
  });

  describe("after a power cut", () => {
    const file = (digest: Digest) => path.join(directory, "blobs", "sha256", hexOf(digest));
    const markers = () => readdir(path.join(directory, "unsynced"));

    it("has none of the blobs that were torn, and all that were not", async () => {
      const store = await openContentStore(directory);
      const large = "x".repeat(300 * 1024);
      const torn = await store.ingest(chunks("torn"), { limitBytes: 100 });
      const whole = await store.ingest(chunks("large:", large), { limitBytes: 1024 * 1024 });
      await writeFile(file(torn.digest), "");
      const again = await openContentStore(directory);
      expect(await again.size(torn.digest)).toBeNull();
      expect((await again.bytes(whole.digest, whole.sizeBytes)).byteLength).toBe(whole.sizeBytes);
      expect(await markers()).toEqual([]);
    });

    it("has what was synced, and does not read it again", async () => {
      const store = await openContentStore(directory);
      const blob = await store.put(Buffer.from("kept"));
      expect(await markers()).toEqual([hexOf(blob.digest)]);
      await Promise.all([store.sync(), store.sync()]);
      expect(await markers()).toEqual([]);
    });

    it("has no marker less than blobs that were stored beside a sync", async () => {
      const store = await openContentStore(directory);
      const storing = Array.from({ length: 20 }, (_, index) => store.put(Buffer.from(`blob ${index}`)));
      await store.sync();
      const blobs = await Promise.all(storing);
      await store.sync();
      expect(await markers()).toEqual([]);
      await Promise.all([store.ingest(chunks("blob 1"), { limitBytes: 100 }), store.sync()]);
      const marked = await markers();
      await store.sync();
      expect([await markers(), marked.length <= 1, blobs.length]).toEqual([[], true, 20]);
    });
  });
});
