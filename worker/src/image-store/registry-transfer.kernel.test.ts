import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { type Digest, digestSchema } from "@slipway/protocol";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { MEDIA_TYPE_INDEX, MEDIA_TYPE_MANIFEST } from "../oci/image-spec.ts";
import {
  type Between,
  basicAuth,
  PASSWORD,
  skopeo,
  startBetween,
  startRegistry,
  startTokenService,
  type TestRegistry,
  type TokenService,
  USERNAME,
} from "./registry-fixture.ts";
import {
  GO_ARCHITECTURE,
  type Machine,
  type MachineOptions,
  makeImage,
  noise,
  openMachine,
  partialFiles,
} from "./transfer-fixture.ts";

let root: string;
let registry: TestRegistry;
let between: Between;
const closing: (() => unknown)[] = [];

beforeAll(async () => {
  root = await mkdtemp(path.join(tmpdir(), "slipway-registries-"));
  registry = await startRegistry({ directory: path.join(root, "plain") });
  between = await startBetween(registry.host);
});
afterAll(async () => {
  between?.stop();
  await registry?.stop();
  await rm(root, { recursive: true, force: true });
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  between.seen.length = 0;
  between.trouble = () => false;
  between.breakAfterBytes = null;
});

async function machine(options: Partial<MachineOptions> = {}): Promise<Machine> {
  const opened = await openMachine({ insecure: [registry.host, between.host], ...options });
  closing.push(() => opened.close());
  return opened;
}

const asked = (method: string, part: string) =>
  between.seen.filter((line) => line.startsWith(`${method} `) && line.includes(part));

/** A file of the image as a container would see it. */
async function fileOf(on: Machine, name: string, file: string): Promise<Buffer> {
  const image = await on.images.resolve(name);
  const layers = await on.snapshotter.layers(image?.snapshot ?? "");
  for (const layer of [...layers].reverse()) {
    const found = await readFile(path.join(layer, file)).catch(() => null);
    if (found) return found;
  }
  throw new Error(`${name} has no ${file}`);
}

const big = noise(3_000_000);
const twoLayers = [
  [
    { path: "lower", content: "of the first layer" },
    { path: "big", content: big },
  ],
  [{ path: "upper", content: "of the second" }],
];

async function pushed(on: Machine, name: string, layers: Parameters<typeof makeImage>[1] = twoLayers) {
  const image = await makeImage(on, layers);
  await on.images.tag(name, image.digest);
  return { image, pushed: await on.transfer.push(name, on.options()) };
}

describe("an image that goes to a registry and comes back", () => {
  test("keeps its id, and skopeo reads it", async () => {
    const here = await machine();
    const name = `${registry.host}/both/ways:1`;
    const { image, pushed: sent } = await pushed(here, name);
    const raw = await skopeo("inspect", "--tls-verify=false", "--raw", `docker://${name}`);
    const manifest = JSON.parse(raw);
    expect(manifest.config.digest).toBe(image.imageId);
    expect(manifest.layers).toHaveLength(2);
    const inspected = JSON.parse(await skopeo("inspect", "--tls-verify=false", `docker://${name}`));
    expect(inspected).toMatchObject({ Digest: sent.digest, Env: ["A=b"] });
    const copy = path.join(here.directory, "copy");
    await skopeo("copy", "--src-tls-verify=false", `docker://${name}`, `dir:${copy}`);
    expect((await readdir(copy)).length).toBeGreaterThanOrEqual(5);

    const there = await machine();
    const back = await there.transfer.pull(name, there.options());
    expect(back.imageId).toBe(image.imageId);
    expect(back.digest).toBe(sent.digest);
    expect((await fileOf(there, name, "big")).equals(big)).toBe(true);
    expect((await fileOf(there, name, "upper")).toString()).toBe("of the second");
    expect([...there.layers.values()].map(({ state }) => state)).toEqual(["done", "done"]);
    expect(await partialFiles(there)).toEqual([]);
  });

  test("moves no byte of a layer again: not in a second push, and not in a pull of the same", async () => {
    const here = await machine();
    const name = `${between.host}/again:1`;
    const { image } = await pushed(here, name);
    expect(asked("PATCH", "/again/")).toHaveLength(3);
    between.seen.length = 0;
    await here.transfer.push(name, here.options());
    expect(asked("PATCH", "")).toEqual([]);
    expect([...here.layers.values()].every(({ state }) => state === "present")).toBe(true);

    const back = await here.transfer.pull(name, here.options());
    expect(back).toMatchObject({ imageId: image.imageId, digest: image.digest });
    expect(asked("GET", "/blobs/")).toEqual([]);
    between.seen.length = 0;
    await here.transfer.pull(name, here.options());
    expect(between.seen).toEqual(["HEAD /v2/again/manifests/1"]);
  });

  test("takes layers over from another repository of the same registry", async () => {
    const here = await machine();
    const { image } = await pushed(here, `${between.host}/mount/one:1`);
    between.seen.length = 0;
    await here.images.tag(`${between.host}/mount/two:1`, image.digest);
    await here.transfer.push(`${between.host}/mount/two:1`, here.options());
    expect(asked("POST", "mount=")).toHaveLength(2);
    // The config alone is sent.
    expect(asked("PATCH", "")).toHaveLength(1);
    const there = await machine();
    expect((await there.transfer.pull(`${registry.host}/mount/two:1`, there.options())).imageId).toBe(
      image.imageId,
    );
  });

  test.each([
    ["Docker's schema 2 with gzip", ["--format", "v2s2"], "docker.image.rootfs.diff.tar.gzip"],
    ["OCI with zstd", ["--format", "oci", "--dest-compress-format", "zstd"], "tar+zstd"],
  ])("is the same image as %s", async (_, flags, mediaType) => {
    const here = await machine();
    const { image } = await pushed(here, `${registry.host}/forms:1`);
    const layout = path.join(here.directory, "layout");
    const copy = (from: string, to: string, ...more: string[]) =>
      skopeo("copy", "--src-tls-verify=false", "--dest-tls-verify=false", ...more, from, to);
    // Unpacked first, so that skopeo compresses by itself.
    await copy(`docker://${registry.host}/forms:1`, `dir:${layout}`, "--dest-decompress");
    // In a registry of its own: skopeo takes what it knows to be there in another form.
    const other = await startRegistry({ directory: path.join(here.directory, "other") });
    closing.push(() => other.stop());
    const name = `${other.host}/forms:1`;
    await copy(`dir:${layout}`, `docker://${name}`, ...flags);
    expect(await skopeo("inspect", "--tls-verify=false", "--raw", `docker://${name}`)).toContain(mediaType);
    const there = await machine({ insecure: [other.host] });
    const back = await there.transfer.pull(name, there.options());
    expect(back.layers.map(({ diffId }) => diffId)).toEqual(image.layers.map(({ diffId }) => diffId));
    expect((await fileOf(there, name, "big")).equals(big)).toBe(true);
    // And back again, as it is.
    await there.images.tag(`${other.host}/forms/again:1`, back.digest);
    const again = await there.transfer.push(`${other.host}/forms/again:1`, there.options());
    expect(again.digest).toBe(back.digest);
  });

  test("is chosen for this machine's platform out of an index, and refused where there is none", async () => {
    const here = await machine();
    const { pushed: sent } = await pushed(here, `${registry.host}/multi:mine`);
    const foreign = await pushed(here, `${registry.host}/multi:other`, [[{ path: "a", content: "b" }]]);
    const entry = async ({ digest }: { digest: Digest }, architecture: string, os = "linux") => ({
      mediaType: MEDIA_TYPE_MANIFEST,
      digest,
      size: await sizeIn(registry.host, "multi", digest),
      platform: { architecture, os },
    });
    const other = await entry(foreign.pushed, "s390x");
    const mine = await entry(sent, GO_ARCHITECTURE);
    const nested = await putIndex("multi", "nested", [other, mine]);
    await putIndex("multi", "all", [other, { ...nested, platform: undefined }]);
    await putIndex("multi", "others", [other, await entry(sent, GO_ARCHITECTURE, "windows")]);
    const there = await machine();
    const found = await there.transfer.pull(`${registry.host}/multi:all`, there.options());
    expect(found.digest).toBe(sent.digest);
    expect(there.images.pulled(`${registry.host}/multi:all`)?.source).not.toBe(sent.digest);
    await expect(there.transfer.pull(`${registry.host}/multi:others`, there.options())).rejects.toMatchObject(
      { code: "platform-missing" },
    );
  });

  test("is had by digest", async () => {
    const here = await machine();
    const { pushed: sent } = await pushed(here, `${registry.host}/by/digest:1`);
    const there = await machine();
    const name = `${registry.host}/by/digest@${sent.digest}`;
    expect((await there.transfer.pull(name, there.options())).digest).toBe(sent.digest);
    expect((await there.images.resolve(name))?.digest).toBe(sent.digest);
  });

  test("that is not there is base-image-missing, and what was there before stays", async () => {
    const here = await machine();
    const { image } = await pushed(here, `${registry.host}/stays:1`);
    await expect(here.transfer.pull(`${registry.host}/stays/not:1`, here.options())).rejects.toMatchObject({
      code: "base-image-missing",
      fault: "user",
    });
    await expect(here.transfer.push("never/made:1", here.options())).rejects.toMatchObject({
      code: "image-missing",
    });
    between.trouble = (_, response) => Boolean(response.writeHead(500).end());
    await here.images.tag(`${between.host}/stays:1`, image.digest);
    await expect(here.transfer.pull(`${between.host}/stays:1`, here.options())).rejects.toMatchObject({
      code: "registry-failed",
      fault: "platform",
    });
    expect((await here.images.resolve(`${between.host}/stays:1`))?.digest).toBe(image.digest);
  });
});

describe("a way that breaks", () => {
  const name = () => `${between.host}/breaks:1`;
  const layers = [[{ path: "big", content: noise(2_000_000) }]];

  test("is gone on from where it broke", async () => {
    await pushed(await machine(), name(), layers);
    const there = await machine();
    between.breakAfterBytes = 700_000;
    between.seen.length = 0;
    await there.transfer.pull(name(), there.options());
    const blobs = asked("GET", "/blobs/").filter((line) => line.includes("bytes="));
    expect(blobs.length).toBeGreaterThanOrEqual(2);
    expect(blobs[0]).toMatch(/ bytes=[1-9]\d*-$/);
    expect((await fileOf(there, name(), "big")).equals(layers[0]?.[0]?.content as Buffer)).toBe(true);
  });

  test("is gone on by a worker that comes back", async () => {
    await pushed(await machine(), name(), layers);
    const first = await machine({ patience: { attempts: 1 } });
    between.breakAfterBytes = 700_000;
    await expect(first.transfer.pull(name(), first.options())).rejects.toMatchObject({
      code: "registry-unreachable",
    });
    expect(await partialFiles(first)).toHaveLength(1);
    between.breakAfterBytes = null;
    between.seen.length = 0;
    const second = await machine({ directory: first.directory });
    await second.transfer.pull(name(), second.options());
    expect(asked("GET", "/blobs/").filter((line) => line.includes("bytes="))).toHaveLength(1);
    expect(await partialFiles(second)).toEqual([]);
  });

  test("that left wrong bytes behind begins again", async () => {
    await pushed(await machine(), name(), layers);
    const first = await machine({ patience: { attempts: 1 } });
    between.breakAfterBytes = 700_000;
    await expect(first.transfer.pull(name(), first.options())).rejects.toMatchObject({});
    between.breakAfterBytes = null;
    const [partial = ""] = await partialFiles(first);
    const file = path.join(first.directory, "transfer/partial", partial);
    await writeFile(file, Buffer.alloc((await readFile(file)).length));
    await first.transfer.pull(name(), first.options());
    expect((await fileOf(first, name(), "big")).equals(layers[0]?.[0]?.content as Buffer)).toBe(true);
  });

  test("is waited for as the registry asks, and asked again after 429 and 503", async () => {
    await pushed(await machine(), name(), layers);
    const there = await machine();
    const answers = [429, 503];
    between.trouble = (_, response) => {
      const status = answers.shift();
      if (status === undefined) return false;
      response.writeHead(status, status === 429 ? { "retry-after": "1" } : {}).end();
      return true;
    };
    const started = performance.now();
    await there.transfer.pull(name(), there.options());
    expect(performance.now() - started).toBeGreaterThan(990);
  });

  test("is given up as busy where the registry asks for too long a wait", async () => {
    const there = await machine();
    between.trouble = (_, response) => Boolean(response.writeHead(429, { "retry-after": "3600" }).end());
    await expect(there.transfer.pull(name(), there.options())).rejects.toMatchObject({
      code: "registry-busy",
      fault: "capacity",
    });
    expect(between.seen).toHaveLength(1);
  });

  test("does not keep a layer from being sent", async () => {
    const here = await machine();
    let breaks = 2;
    between.trouble = (incoming) => {
      if (incoming.method !== "PATCH" || breaks === 0) return false;
      breaks -= 1;
      incoming.once("data", () => incoming.socket.destroy());
      return true;
    };
    const { image } = await pushed(here, `${between.host}/sent:1`);
    expect(breaks).toBe(0);
    const there = await machine();
    expect((await there.transfer.pull(`${registry.host}/sent:1`, there.options())).imageId).toBe(
      image.imageId,
    );
  });

  test("is left at once when nobody waits any more, and by one of two when one does", async () => {
    await pushed(await machine(), name(), layers);
    const there = await machine({ patience: { idleMs: 10_000 } });
    let stalled = 0;
    between.trouble = (incoming, response) => {
      if (stalled > 0 || !incoming.url?.includes("/blobs/")) return false;
      stalled += 1;
      response.writeHead(200);
      response.flushHeaders();
      return true;
    };
    const controller = new AbortController();
    const options = { ...there.options(), signal: controller.signal };
    const alone = there.transfer.pull(name(), options);
    setTimeout(() => controller.abort(new Error("cancelled")), 150);
    await expect(alone).rejects.toThrowError("cancelled");
    // The abandoned run is no hindrance for the next one.
    await there.transfer.pull(name(), there.options());
  });

  test("is shared by two who want the same", async () => {
    await pushed(await machine(), name(), layers);
    const there = await machine();
    between.seen.length = 0;
    const [one, two] = await Promise.all([
      there.transfer.pull(name(), there.options()),
      there.transfer.pull(name(), there.options()),
    ]);
    expect(two).toBe(one);
    expect(asked("GET", "/manifests/")).toHaveLength(1);
    expect(asked("GET", "/blobs/")).toHaveLength(2);
  });
});

describe("logins", () => {
  const credential = (host: string, password = PASSWORD) => ({
    registry: host,
    username: USERNAME,
    password,
  });

  test("basic: what was had with one is private, and comes again to those who have one", async () => {
    const directory = path.join(root, "basic");
    const closed = await startRegistry({ directory, more: await basicAuth(directory) });
    closing.push(() => closed.stop());
    const way = await startBetween(closed.host);
    closing.push(() => way.stop());
    const here = await machine({ insecure: [closed.host, way.host] });
    const name = `${way.host}/secret:1`;
    const image = await makeImage(here, twoLayers);
    await here.images.tag(name, image.digest);
    const mine = [credential(way.host)];
    await expect(here.transfer.push(name, here.options())).rejects.toMatchObject({
      code: "registry-unauthorized",
      fault: "user",
    });
    await here.transfer.push(name, here.options(mine));

    const there = await machine({ insecure: [way.host] });
    for (const wrong of [[], [credential(way.host, "wrong")], [credential("another.example")]]) {
      await expect(there.transfer.pull(name, there.options(wrong))).rejects.toMatchObject({
        code: "registry-unauthorized",
      });
    }
    expect(there.images.isPrivate(name)).toBe(false);
    const pulled = await there.transfer.pull(name, there.options(mine));
    expect(there.images.isPrivate(name)).toBe(true);
    expect(there.images.isPrivate(`${way.host}/secret@${pulled.digest}`)).toBe(true);
    // Nobody else gets it by name, and who may have it moves nothing again.
    await expect(there.transfer.pull(name, there.options())).rejects.toMatchObject({
      code: "registry-unauthorized",
    });
    way.seen.length = 0;
    await there.transfer.pull(name, there.options(mine));
    expect(way.seen.every((line) => line === "HEAD /v2/secret/manifests/1")).toBe(true);

    const { signal } = new AbortController();
    await there.transfer.login(credential(way.host), signal);
    await expect(there.transfer.login(credential(way.host, "wrong"), signal)).rejects.toMatchObject({
      code: "registry-unauthorized",
    });
  });

  describe("bearer", () => {
    let tokens: TokenService;
    let guarded: TestRegistry;
    beforeAll(async () => {
      const directory = path.join(root, "tokens");
      tokens = await startTokenService(`${directory}-service`, (name) => name.startsWith("public/"));
      guarded = await startRegistry({ directory, more: tokens.more });
    });
    afterAll(async () => {
      await guarded?.stop();
      tokens?.stop();
    });

    const onTokens = () => machine({ insecure: [guarded.host, ...[realmHost()]] });
    const realmHost = () => {
      const more = tokens.more as { auth: { token: { realm: string } } };
      return new URL(more.auth.token.realm).host;
    };

    test("nobody in particular reads what is public, and only that", async () => {
      const here = await onTokens();
      const mine = [credential(guarded.host)];
      for (const name of ["public/image", "private/image"]) {
        const image = await makeImage(here, twoLayers);
        await here.images.tag(`${guarded.host}/${name}:1`, image.digest);
        await here.transfer.push(`${guarded.host}/${name}:1`, here.options(mine));
      }
      const there = await onTokens();
      tokens.asked.length = 0;
      await there.transfer.pull(`${guarded.host}/public/image:1`, there.options());
      expect(tokens.asked).toEqual([{ scopes: ["repository:public/image:pull"], user: null }]);
      expect(there.images.isPrivate(`${guarded.host}/public/image:1`)).toBe(false);
      await expect(
        there.transfer.pull(`${guarded.host}/private/image:1`, there.options()),
      ).rejects.toMatchObject({ code: "registry-unauthorized" });
      await there.transfer.pull(`${guarded.host}/private/image:1`, there.options(mine));
      expect(there.images.isPrivate(`${guarded.host}/private/image:1`)).toBe(true);
      await expect(
        there.transfer.push(`${guarded.host}/public/image:1`, there.options()),
      ).rejects.toMatchObject({ code: "registry-unauthorized" });
    });

    test("layers are taken over from a repository that the token covers too", async () => {
      const here = await onTokens();
      const mine = [credential(guarded.host)];
      const image = await makeImage(here, [[{ path: "mounted", content: noise(5000) }]]);
      for (const name of ["private/one", "private/two"]) {
        await here.images.tag(`${guarded.host}/${name}:1`, image.digest);
        await here.transfer.push(`${guarded.host}/${name}:1`, here.options(mine));
      }
      expect(tokens.asked.at(-1)?.scopes).toContain("repository:private/one:pull");
      expect([...here.layers.values()].at(-1)?.state).toBe("present");
    });

    test("a token that ends is replaced in time", async () => {
      const here = await onTokens();
      const image = await makeImage(here, twoLayers);
      const name = `${guarded.host}/public/short:1`;
      await here.images.tag(name, image.digest);
      tokens.seconds = 5;
      tokens.asked.length = 0;
      await here.transfer.push(name, here.options([credential(guarded.host)]));
      expect(tokens.asked.length).toBeGreaterThan(3);
      tokens.seconds = 300;
    });

    test("a login is tried at the token service", async () => {
      const here = await onTokens();
      const { signal } = new AbortController();
      await here.transfer.login(credential(guarded.host), signal);
      await expect(here.transfer.login(credential(guarded.host, "no"), signal)).rejects.toMatchObject({
        code: "registry-unauthorized",
      });
    });
  });
});

describe("a mirror", () => {
  test("is a cache that is asked first, and does without the registry", async () => {
    const origin = await startRegistry({ directory: path.join(root, "origin") });
    closing.push(() => origin.stop());
    const here = await machine({ insecure: [origin.host] });
    const { image } = await pushed(here, `${origin.host}/cached:1`);
    const cache = await startRegistry({
      directory: path.join(root, "cache"),
      more: { proxy: { remoteurl: `http://${origin.host}` } },
    });
    closing.push(() => cache.stop());
    const way = await startBetween(cache.host);
    closing.push(() => way.stop());
    const mirrors = new Map([[origin.host, [new URL(`http://${way.host}`)]]]);
    const options = { insecure: [origin.host], mirrors };

    const first = await machine(options);
    await first.transfer.pull(`${origin.host}/cached:1`, first.options());
    expect(way.seen.length).toBeGreaterThan(3);
    await origin.stop();
    const second = await machine(options);
    const found = await second.transfer.pull(`${origin.host}/cached:1`, second.options());
    expect(found.imageId).toBe(image.imageId);
    expect(second.images.isPrivate(`${origin.host}/cached:1`)).toBe(false);
  });

  test.each([
    ["is away", null],
    ["fails", 500],
    ["does not have it", 404],
    ["wants a login", 401],
  ])("that %s is passed by", async (_, status) => {
    const here = await machine();
    const { image } = await pushed(here, `${registry.host}/passed/by:1`);
    const bad = await startBetween(registry.host);
    bad.trouble = (_incoming, response) => Boolean(response.writeHead(status ?? 500).end());
    closing.push(() => bad.stop());
    if (status === null) bad.stop();
    const there = await machine({
      mirrors: new Map([[registry.host, [new URL(`http://${bad.host}`)]]]),
    });
    const found = await there.transfer.pull(`${registry.host}/passed/by:1`, there.options());
    expect(found.imageId).toBe(image.imageId);
  });

  test("with another layer than the manifest says is passed by", async () => {
    const here = await machine();
    const { image } = await pushed(here, `${registry.host}/lied/to:1`);
    const liar = await startBetween(registry.host);
    liar.trouble = (incoming, response) => {
      if (incoming.method !== "GET" || !incoming.url?.includes("/blobs/")) return false;
      response.writeHead(200).end("something else");
      return true;
    };
    closing.push(() => liar.stop());
    const there = await machine({
      mirrors: new Map([[registry.host, [new URL(`http://${liar.host}`)]]]),
    });
    const found = await there.transfer.pull(`${registry.host}/lied/to:1`, there.options());
    expect(found.imageId).toBe(image.imageId);
  });

  test("may have the images below a name of its own", async () => {
    const here = await machine();
    await pushed(here, `${registry.host}/cache/dir/prefixed:1`);
    const there = await machine({
      insecure: ["127.0.0.1:1"],
      mirrors: new Map([["127.0.0.1:1", [new URL(`http://${registry.host}/cache/dir/`)]]]),
    });
    await there.transfer.pull("127.0.0.1:1/prefixed:1", there.options());
    await expect(there.transfer.pull("127.0.0.1:1/other:1", there.options())).rejects.toMatchObject({
      code: "registry-unreachable",
      message: expect.stringMatching(/Tried before: .*cache\/dir\/other/),
    });
  });
});

describe("a registry that is not there", () => {
  test("is not waited for again a moment later", async () => {
    const there = await machine({ insecure: ["127.0.0.1:1"] });
    const pull = () => there.transfer.pull("127.0.0.1:1/a:1", there.options());
    await expect(pull()).rejects.toMatchObject({ code: "registry-unreachable", fault: "platform" });
    const started = performance.now();
    await expect(pull()).rejects.toThrowError(/a moment ago/);
    expect(performance.now() - started).toBeLessThan(100);
  });

  test("at an address that nobody opened is refused, with no packet sent", async () => {
    const there = await machine({ insecure: [] });
    for (const name of [`${registry.host}/a:1`, "localhost:5000/a:1", "169.254.169.254/a:1"]) {
      await expect(there.transfer.pull(name, there.options())).rejects.toMatchObject({
        code: "registry-address-refused",
        fault: "user",
      });
    }
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
  const response = await fetch(`http://${registry.host}/v2/${repository}/manifests/${tag}`, {
    method: "PUT",
    headers: { "content-type": MEDIA_TYPE_INDEX },
    body,
  });
  if (response.status !== 201) throw new Error(await response.text());
  const digest = digestSchema.parse(response.headers.get("docker-content-digest"));
  return { mediaType: MEDIA_TYPE_INDEX, digest, size: Buffer.byteLength(body) };
}
