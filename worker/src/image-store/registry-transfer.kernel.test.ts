import { readdir } from "node:fs/promises";
import path from "node:path";
import { type Digest, digestSchema } from "@slipway/protocol";
import { describe, expect, test } from "vitest";
import { MEDIA_TYPE_INDEX, MEDIA_TYPE_MANIFEST } from "../oci/image-spec.ts";
import { BIG, fileOf, PlainRegistry } from "./plain-registry-fixture.ts";
import { skopeo, startRegistry } from "./registry-fixture.ts";
import { GO_ARCHITECTURE, partialFiles } from "./transfer-fixture.ts";

const stage = new PlainRegistry();

describe("an image that goes to a registry and comes back", () => {
  test("keeps its id, and skopeo reads it", async () => {
    const here = await stage.machine();
    const name = `${stage.registry.host}/both/ways:1`;
    const { image, pushed: sent } = await stage.pushed(here, name);
    const raw = await skopeo("inspect", "--tls-verify=false", "--raw", `docker://${name}`);
    const manifest = JSON.parse(raw);
    expect(manifest.config.digest).toBe(image.imageId);
    expect(manifest.layers).toHaveLength(2);
    const inspected = JSON.parse(await skopeo("inspect", "--tls-verify=false", `docker://${name}`));
    expect(inspected).toMatchObject({ Digest: sent.digest, Env: ["A=b"] });
    const copy = path.join(here.directory, "copy");
    await skopeo("copy", "--src-tls-verify=false", `docker://${name}`, `dir:${copy}`);
    expect((await readdir(copy)).length).toBeGreaterThanOrEqual(5);

    const there = await stage.machine();
    const back = await there.transfer.pull(name, there.options());
    expect(back.imageId).toBe(image.imageId);
    expect(back.digest).toBe(sent.digest);
    expect((await fileOf(there, name, "big")).equals(BIG)).toBe(true);
    expect((await fileOf(there, name, "upper")).toString()).toBe("of the second");
    expect([...there.layers.values()].map(({ state }) => state)).toEqual(["done", "done"]);
    expect(await partialFiles(there)).toEqual([]);
  });

  test("moves no byte of a layer again: not in a second push, and not in a pull of the same", async () => {
    const here = await stage.machine();
    const name = `${stage.between.host}/again:1`;
    const { image } = await stage.pushed(here, name);
    expect(stage.asked("PATCH", "/again/")).toHaveLength(3);
    stage.between.seen.length = 0;
    await here.transfer.push(name, here.options());
    expect(stage.asked("PATCH", "")).toEqual([]);
    expect([...here.layers.values()].every(({ state }) => state === "present")).toBe(true);

    const back = await here.transfer.pull(name, here.options());
    expect(back).toMatchObject({ imageId: image.imageId, digest: image.digest });
    expect(stage.asked("GET", "/blobs/")).toEqual([]);
    stage.between.seen.length = 0;
    await here.transfer.pull(name, here.options());
    expect(stage.between.seen).toEqual(["HEAD /v2/again/manifests/1"]);
  });

  test("takes layers over from another repository of the same registry", async () => {
    const here = await stage.machine();
    const { image } = await stage.pushed(here, `${stage.between.host}/mount/one:1`);
    stage.between.seen.length = 0;
    await here.images.tag(`${stage.between.host}/mount/two:1`, image.digest);
    await here.transfer.push(`${stage.between.host}/mount/two:1`, here.options());
    expect(stage.asked("POST", "mount=")).toHaveLength(2);
    // The config alone is sent.
    expect(stage.asked("PATCH", "")).toHaveLength(1);
    const there = await stage.machine();
    expect((await there.transfer.pull(`${stage.registry.host}/mount/two:1`, there.options())).imageId).toBe(
      image.imageId,
    );
  });

  test.each([
    ["Docker's schema 2 with gzip", ["--format", "v2s2"], "docker.image.rootfs.diff.tar.gzip"],
    ["OCI with zstd", ["--format", "oci", "--dest-compress-format", "zstd"], "tar+zstd"],
  ])("is the same image as %s", async (_, flags, mediaType) => {
    const here = await stage.machine();
    const { image } = await stage.pushed(here, `${stage.registry.host}/forms:1`);
    const layout = path.join(here.directory, "layout");
    const copy = (from: string, to: string, ...more: string[]) =>
      skopeo("copy", "--src-tls-verify=false", "--dest-tls-verify=false", ...more, from, to);
    // Unpacked first, so that skopeo compresses by itself.
    await copy(`docker://${stage.registry.host}/forms:1`, `dir:${layout}`, "--dest-decompress");
    // In a registry of its own: skopeo takes what it knows to be there in another form.
    const other = await startRegistry({ directory: path.join(here.directory, "other") });
    stage.atEnd(() => other.stop());
    const name = `${other.host}/forms:1`;
    await copy(`dir:${layout}`, `docker://${name}`, ...flags);
    expect(await skopeo("inspect", "--tls-verify=false", "--raw", `docker://${name}`)).toContain(mediaType);
    const there = await stage.machine({ insecure: [other.host] });
    const back = await there.transfer.pull(name, there.options());
    expect(back.layers.map(({ diffId }) => diffId)).toEqual(image.layers.map(({ diffId }) => diffId));
    expect((await fileOf(there, name, "big")).equals(BIG)).toBe(true);
    // And back again, as it is.
    await there.images.tag(`${other.host}/forms/again:1`, back.digest);
    const again = await there.transfer.push(`${other.host}/forms/again:1`, there.options());
    expect(again.digest).toBe(back.digest);
  });

  test("is chosen for this machine's platform out of an index, and refused where there is none", async () => {
    const here = await stage.machine();
    const { pushed: sent } = await stage.pushed(here, `${stage.registry.host}/multi:mine`);
    const foreign = await stage.pushed(here, `${stage.registry.host}/multi:other`, [
      [{ path: "a", content: "b" }],
    ]);
    const entry = async ({ digest }: { digest: Digest }, architecture: string, os = "linux") => ({
      mediaType: MEDIA_TYPE_MANIFEST,
      digest,
      size: await sizeIn(stage.registry.host, "multi", digest),
      platform: { architecture, os },
    });
    const other = await entry(foreign.pushed, "s390x");
    const mine = await entry(sent, GO_ARCHITECTURE);
    const nested = await putIndex("multi", "nested", [other, mine]);
    await putIndex("multi", "all", [other, { ...nested, platform: undefined }]);
    await putIndex("multi", "others", [other, await entry(sent, GO_ARCHITECTURE, "windows")]);
    const there = await stage.machine();
    const found = await there.transfer.pull(`${stage.registry.host}/multi:all`, there.options());
    expect(found.digest).toBe(sent.digest);
    expect(there.images.pulled(`${stage.registry.host}/multi:all`)?.source).not.toBe(sent.digest);
    await expect(
      there.transfer.pull(`${stage.registry.host}/multi:others`, there.options()),
    ).rejects.toMatchObject({ code: "platform-missing" });
  });

  test("is had by digest", async () => {
    const here = await stage.machine();
    const { pushed: sent } = await stage.pushed(here, `${stage.registry.host}/by/digest:1`);
    const there = await stage.machine();
    const name = `${stage.registry.host}/by/digest@${sent.digest}`;
    expect((await there.transfer.pull(name, there.options())).digest).toBe(sent.digest);
    expect((await there.images.resolve(name))?.digest).toBe(sent.digest);
  });

  test("that is not there is base-image-missing, and what was there before stays", async () => {
    const here = await stage.machine();
    const { image } = await stage.pushed(here, `${stage.registry.host}/stays:1`);
    await expect(
      here.transfer.pull(`${stage.registry.host}/stays/not:1`, here.options()),
    ).rejects.toMatchObject({
      code: "base-image-missing",
      fault: "user",
    });
    await expect(here.transfer.push("never/made:1", here.options())).rejects.toMatchObject({
      code: "image-missing",
    });
    stage.between.trouble = (_, response) => Boolean(response.writeHead(500).end());
    await here.images.tag(`${stage.between.host}/stays:1`, image.digest);
    await expect(here.transfer.pull(`${stage.between.host}/stays:1`, here.options())).rejects.toMatchObject({
      code: "registry-failed",
      fault: "platform",
    });
    expect((await here.images.resolve(`${stage.between.host}/stays:1`))?.digest).toBe(image.digest);
  });
});

async function sizeIn(host: string, repository: string, digest: Digest): Promise<number> {
  const response = await fetch(`http://${host}/v2/${repository}/manifests/${digest}`, {
    headers: { accept: MEDIA_TYPE_MANIFEST },
  });
  return (await response.arrayBuffer()).byteLength;
}

async function putIndex(repository: string, tag: string, manifests: readonly object[]) {
  const body = JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPE_INDEX, manifests });
  const response = await fetch(`http://${stage.registry.host}/v2/${repository}/manifests/${tag}`, {
    method: "PUT",
    headers: { "content-type": MEDIA_TYPE_INDEX },
    body,
  });
  if (response.status !== 201) throw new Error(await response.text());
  const digest = digestSchema.parse(response.headers.get("docker-content-digest"));
  return { mediaType: MEDIA_TYPE_INDEX, digest, size: Buffer.byteLength(body) };
}
