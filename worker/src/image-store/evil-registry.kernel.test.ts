import { readdir, readFile, stat } from "node:fs/promises";
import path from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { digestOf } from "../content/digest.ts";
import { TAR_END } from "../layer/tar-encoder.ts";
import {
  DOCKER_MANIFEST_LIST,
  MEDIA_TYPE_INDEX,
  MEDIA_TYPE_LAYER_ZSTD,
  MEDIA_TYPE_MANIFEST,
} from "../oci/image-spec.ts";
import {
  changedLayer,
  deviceTar,
  header,
  jsonEndless,
  layerOf,
  replacedBlob,
  withoutBlob,
  zstdLayer,
} from "./evil-layers-fixture.ts";
import {
  type Attack,
  at,
  type EvilRegistry,
  endless,
  honestLayer,
  startEvilRegistry,
  type Wares,
  waresOf,
} from "./evil-registry-fixture.ts";
import { PASSWORD, USERNAME } from "./registry-fixture.ts";
import { type Machine, makeImage, openMachine, partialFiles, tarOf } from "./transfer-fixture.ts";

/** Longest time that an attack may take with the patience of the tests. */
const MOST_MS = 8_000;
/** Bombs are above these limits, and honest layers far below. */
const LAYER_LIMITS = { maxBytes: 1024 * 1024, maxEntries: 16 };

let evil: EvilRegistry;
let machine: Machine;
/** Another server of this machine, which nobody opened. */
let victim: EvilRegistry;
let before: string[];
let meant: string;
const name = () => `${evil.host}/image:1`;

beforeAll(async () => {
  evil = await startEvilRegistry();
  victim = await startEvilRegistry();
});
afterAll(() => {
  evil?.stop();
  victim?.stop();
});
beforeEach(async () => {
  evil.wares = waresOf();
  evil.attack = () => false;
  evil.seen.length = 0;
  victim.seen.length = 0;
  machine = await openMachine({ insecure: [evil.host], imageBytes: 10_000_000, layerLimits: LAYER_LIMITS });
  // What the name means until the attack, and has to mean after it.
  const image = await makeImage(machine, [[{ path: "a", content: "b" }]]);
  await machine.images.tag(name(), image.digest, { keep: true });
  await machine.images.collect();
  meant = image.digest;
  before = await everything();
});
afterEach(async () => {
  await machine.close();
});

async function everything(): Promise<string[]> {
  const snapshots = await readdir(path.join(machine.directory, "snapshots/committed"));
  return [...(await machine.content.list()), ...snapshots].sort();
}

/** The error of a pull, when everything that has to hold afterwards does. */
async function attacked(
  options = machine.options(),
): Promise<{ code: string; fault: string; message: string }> {
  const started = performance.now();
  const error = await machine.transfer.pull(name(), options).then(
    () => null,
    (thrown: unknown) => thrown as { code: string; fault: string; message: string },
  );
  expect(performance.now() - started).toBeLessThan(MOST_MS);
  if (!error) throw new Error("The attack went unnoticed.");
  expect((await machine.images.resolve(name()))?.digest).toBe(meant);
  await machine.images.collect();
  expect(await everything()).toEqual(before);
  expect(victim.seen).toEqual([]);
  let kept = 0;
  for (const file of await partialFiles(machine)) {
    kept += (await stat(path.join(machine.directory, "transfer/partial", file))).size;
  }
  expect(kept).toBeLessThan(1_000_000);
  return error;
}

const lies: [string, () => Wares][] = [
  [
    "a layer that is shorter than its manifest says",
    () => changedLayer(waresOf(), (layer) => ({ ...layer, size: layer.size + 1 })),
  ],
  [
    "a layer that is longer than its manifest says",
    () => changedLayer(waresOf(), (layer) => ({ ...layer, size: layer.size - 1 })),
  ],
  ["a layer of another digest", () => replacedBlob(waresOf(), 1)],
  ["a config of another digest", () => replacedBlob(waresOf(), 0)],
  ["a layer that is nowhere", () => withoutBlob(waresOf(), 1)],
  [
    "a config with more layers than the manifest",
    () =>
      waresOf([honestLayer()], {
        rootfs: { type: "layers", diff_ids: [digestOf("a"), digestOf("b")] },
      }),
  ],
  [
    "a config with other diffIDs than its layers have",
    () => waresOf([{ ...honestLayer(), diffId: digestOf("a") }]),
  ],
  ["a config that is no config", () => waresOf([honestLayer()], { rootfs: "none" })],
  ["a layer that is no gzip", () => waresOf([{ bytes: Buffer.from("no gzip") }])],
  ["a layer that is no tar", () => waresOf([layerOf(Buffer.alloc(2048, "a"))])],
  [
    "a layer that is no zstd",
    () => waresOf([{ bytes: Buffer.from("no zstd"), mediaType: MEDIA_TYPE_LAYER_ZSTD }]),
  ],
  [
    "a gzip that ends too soon",
    () => waresOf([{ ...honestLayer(), bytes: honestLayer().bytes.subarray(0, 60) }]),
  ],
  [
    "a layer with a path out of the image",
    () => waresOf([layerOf(tarOf([{ path: "../../escape", content: "x" }]))]),
  ],
  ["a layer with a device node", () => waresOf([layerOf(deviceTar())])],
  ["more layers than anybody needs", () => waresOf(Array.from({ length: 257 }, () => honestLayer()))],
  [
    "a layer of an unknown kind",
    () => changedLayer(waresOf(), (layer) => ({ ...layer, mediaType: "application/x" })),
  ],
  [
    "a layer that only its maker may hand out",
    () =>
      changedLayer(waresOf(), (layer) => ({
        ...layer,
        mediaType: "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
        urls: [`http://${victim.host}/layer`],
      })),
  ],
  [
    "what is no image at all",
    () => {
      const wares = waresOf();
      const config = wares.manifest.config as object;
      wares.manifest.config = { ...config, mediaType: "application/vnd.cncf.helm.config.v1+json" };
      return wares;
    },
  ],
  [
    "a manifest of schema 1",
    () => ({
      ...waresOf(),
      manifest: { schemaVersion: 1, name: "image", tag: "1", fsLayers: [], history: [], signatures: [] },
      manifestType: "application/vnd.docker.distribution.manifest.v1+prettyjws",
    }),
  ],
  [
    "a document that is manifest and index at once",
    () => {
      const wares = waresOf();
      return { ...wares, manifest: { ...wares.manifest, manifests: [] } };
    },
  ],
  ["a manifest that the header calls an index", () => ({ ...waresOf(), manifestType: DOCKER_MANIFEST_LIST })],
  ["negative sizes", () => changedLayer(waresOf(), (layer) => ({ ...layer, size: -1 }))],
  [
    "an index with thousands of entries",
    () => ({
      ...waresOf(),
      manifestType: MEDIA_TYPE_INDEX,
      manifest: {
        schemaVersion: 2,
        mediaType: MEDIA_TYPE_INDEX,
        manifests: Array.from({ length: 2_000 }, () => ({
          mediaType: MEDIA_TYPE_MANIFEST,
          digest: digestOf(""),
          size: 1,
        })),
      },
    }),
  ],
];

describe("a registry that lies is found out: image-invalid, by the fault of who named it", () => {
  test.each(lies)("%s", async (_, wares) => {
    evil.wares = wares();
    expect(await attacked()).toMatchObject({ code: "image-invalid", fault: "user" });
  });

  test("a manifest that is not the one of its digest", async () => {
    const wanted = digestOf("something");
    await expect(
      machine.transfer.pull(`${evil.host}/image@${wanted}`, machine.options()),
    ).rejects.toMatchObject({ code: "image-invalid" });
  });

  test("a manifest that is not the one of its header", async () => {
    evil.attack = (_, response) => {
      response.setHeader("docker-content-digest", digestOf("something"));
      return false;
    };
    expect(await attacked()).toMatchObject({ code: "image-invalid" });
  });

  test("indexes that lead to each other for ever", async () => {
    let depth = 0;
    const documents = new Map<string, string>();
    let last = JSON.stringify(evil.wares.manifest);
    for (; depth < 20; depth += 1) {
      documents.set(digestOf(last), last);
      last = JSON.stringify({
        schemaVersion: 2,
        mediaType: MEDIA_TYPE_INDEX,
        manifests: [{ mediaType: MEDIA_TYPE_INDEX, digest: digestOf(last), size: Buffer.byteLength(last) }],
      });
    }
    evil.attack = at("/manifests/", (response, { url }) => {
      const digest = url?.split("/").at(-1) ?? "";
      response.writeHead(200, { "content-type": MEDIA_TYPE_INDEX }).end(documents.get(digest) ?? last);
    });
    expect(await attacked()).toMatchObject({ code: "image-invalid" });
    expect(evil.seen.length).toBeLessThan(10);
  });

  test("an image for other machines is platform-missing", async () => {
    evil.wares = waresOf([honestLayer()], { architecture: "s390x" });
    expect(await attacked()).toMatchObject({ code: "platform-missing", fault: "user" });
  });
});

describe("a registry that sends too much is stopped", () => {
  const tooMuch: [string, Attack, string][] = [
    ["a manifest without an end", at("/manifests/", (response) => jsonEndless(response)), "image-invalid"],
    [
      "a manifest of 5 MiB",
      at("/manifests/", (response) =>
        response
          .writeHead(200, { "content-type": MEDIA_TYPE_MANIFEST })
          .end(Buffer.alloc(5 * 1024 ** 2, " ")),
      ),
      "image-invalid",
    ],
    [
      "JSON of a million brackets",
      at("/manifests/", (response) =>
        response.writeHead(200, { "content-type": MEDIA_TYPE_MANIFEST }).end("[".repeat(1_000_000)),
      ),
      "image-invalid",
    ],
    ["a blob without an end", at("/blobs/", (response) => endless(response)), "image-invalid"],
    [
      "headers without an end",
      at("/manifests/", (response) => {
        response.socket?.write("HTTP/1.1 200 OK\r\n");
        const more = () => {
          while (response.socket?.writable && response.socket.write(`x: ${"a".repeat(4096)}\r\n`));
        };
        response.socket?.on("drain", more);
        more();
      }),
      "registry-failed",
    ],
  ];
  test.each(tooMuch)("%s", async (_, attack, code) => {
    evil.attack = attack;
    expect(await attacked()).toMatchObject({ code });
  });

  const bombs: [string, () => Parameters<typeof waresOf>[0]][] = [
    ["a gzip bomb", () => [layerOf(Buffer.concat([tarOf([]), Buffer.alloc(64 * 1024 ** 2)]))]],
    ["a zstd bomb", () => [zstdLayer(Buffer.concat([tarOf([]), Buffer.alloc(64 * 1024 ** 2)]))]],
    [
      "a layer of too large files",
      () => [layerOf(tarOf([{ path: "zeros", content: Buffer.alloc(2 * 1024 ** 2) }]))],
    ],
    [
      "a layer that only says that its file is large",
      () => [layerOf(Buffer.concat([header("file", { sizeBytes: 2 ** 40 }), TAR_END]))],
    ],
    [
      "a layer of too many files",
      () => [layerOf(tarOf(Array.from({ length: 100 }, (_, index) => ({ path: `f${index}`, content: "" }))))],
    ],
  ];
  test.each(bombs)("%s is image-too-large", async (_, layers) => {
    evil.wares = waresOf(layers());
    expect(await attacked()).toMatchObject({ code: "image-too-large", fault: "capacity" });
  });

  test("an image above the limit is refused before a layer is asked for", async () => {
    evil.wares = changedLayer(waresOf(), (layer) => ({ ...layer, size: 10_000_001 }));
    expect(await attacked()).toMatchObject({ code: "image-too-large", fault: "capacity" });
    expect(evil.seen.some(({ url }) => url.includes("/blobs/"))).toBe(false);
  });
});

describe("a registry that does not answer as it should is given up", () => {
  const blob = "/blobs/";
  const troubles: [string, Attack, string][] = [
    ["headers that never come", at("/manifests/", () => {}), "registry-unreachable"],
    [
      "a manifest that never comes",
      at("/manifests/", (response) => void response.write("{")),
      "registry-unreachable",
    ],
    [
      "a layer that stops half-way",
      at(blob, (response) => void response.writeHead(200).write("half")),
      "registry-unreachable",
    ],
    [
      "a connection that breaks at each request",
      at("/", (response) => response.socket?.resetAndDestroy()),
      "registry-unreachable",
    ],
    [
      "a connection that breaks in each layer",
      at(blob, (response) => response.write("h", () => response.socket?.resetAndDestroy())),
      "registry-unreachable",
    ],
    ["what is no HTTP", at("/", (response) => response.socket?.end("hello\r\n\r\n")), "registry-unreachable"],
    ["500 for ever", at("/", (response) => response.writeHead(500).end()), "registry-failed"],
    ["429 for ever", at("/", (response) => response.writeHead(429).end()), "registry-busy"],
    [
      "a manifest answered with 418",
      at("/manifests/", (response) => response.writeHead(418).end()),
      "registry-failed",
    ],
    ["403", at("/manifests/", (response) => response.writeHead(403).end()), "registry-unauthorized"],
    [
      "another range than the one that was asked for",
      at(blob, (response) => response.writeHead(206, { "content-range": "bytes 5-6/7" }).end("ab")),
      "registry-failed",
    ],
  ];
  test.each(troubles)("%s", async (_, attack, code) => {
    evil.attack = attack;
    expect(await attacked()).toMatchObject({ code });
  });

  const to = (location: () => string) => (part: string) =>
    at(part, (response) => response.writeHead(307, { location: location() }).end());
  const redirects: [string, (part: string) => Attack, string][] = [
    ["loopback", to(() => `http://${victim.host}/`), "registry-address-refused"],
    ["loopback over https", to(() => `https://${victim.host}/`), "registry-address-refused"],
    [
      "a name of loopback",
      to(() => `https://localhost:${victim.host.split(":")[1]}/`),
      "registry-address-refused",
    ],
    ["link-local", to(() => "https://169.254.169.254/latest/meta-data/"), "registry-address-refused"],
    ["a file", to(() => "file:///etc/passwd"), "registry-address-refused"],
    ["itself, for ever", to(() => "/v2/image/manifests/again"), "registry-failed"],
    ["nowhere", to(() => "http://["), "registry-failed"],
  ];
  test.each(redirects)("a manifest that is redirected to %s", async (_, attack, code) => {
    evil.attack = attack("/manifests/");
    expect(await attacked()).toMatchObject({ code });
  });
  test.each(redirects.slice(0, 5))("a layer that is redirected to %s", async (_, attack, code) => {
    evil.attack = attack("/blobs/");
    expect(await attacked()).toMatchObject({ code });
  });
});

describe("a registry that plays with logins gets nothing", () => {
  const challenge = (text: () => string): Attack =>
    at("/v2/", (response) => response.writeHead(401, { "www-authenticate": text() }).end());
  const mine = () => machine.options([{ registry: evil.host, username: USERNAME, password: PASSWORD }]);
  const realm = (path: string) => `Bearer realm="http://${evil.host}${path}",service="s"`;
  const answering = (token: (response: Parameters<Attack>[1]) => void): Attack => {
    const asked = challenge(() => realm("/token"));
    return (request, response) => {
      if (!request.url?.startsWith("/token")) return asked(request, response);
      token(response);
      return true;
    };
  };

  const games: [string, () => Attack, string][] = [
    ["401 for ever with basic", () => challenge(() => 'Basic realm="x"'), "registry-unauthorized"],
    [
      "401 for ever with tokens",
      () => answering((response) => response.end('{"token":"t"}')),
      "registry-unauthorized",
    ],
    ["a kind of login that is unknown", () => challenge(() => "Negotiate"), "registry-unauthorized"],
    ["a challenge that is none", () => challenge(() => '=,="",,,"'), "registry-unauthorized"],
    ["a token service without a place", () => challenge(() => 'Bearer service="s"'), "registry-failed"],
    [
      "a token service on loopback",
      () => challenge(() => `Bearer realm="http://${victim.host}/token"`),
      "registry-address-refused",
    ],
    [
      "a token service that is link-local",
      () => challenge(() => 'Bearer realm="https://169.254.169.254/token"'),
      "registry-address-refused",
    ],
    [
      "a token service that is a file",
      () => challenge(() => 'Bearer realm="file:///etc/passwd"'),
      "registry-address-refused",
    ],
    ["a token without an end", () => answering((response) => endless(response)), "registry-failed"],
    ["a token that is none", () => answering((response) => response.end('{"token":5}')), "registry-failed"],
    [
      "a token that would break a header",
      () => answering((response) => response.end('{"token":"a\\r\\nb: c"}')),
      "registry-failed",
    ],
    [
      "a token service that redirects for ever",
      () => answering((response) => response.writeHead(302, { location: "/token" }).end()),
      "registry-failed",
    ],
    ["a token service that stalls", () => answering(() => {}), "registry-unreachable"],
    [
      "a token service that says no",
      () => answering((response) => response.writeHead(403).end()),
      "registry-unauthorized",
    ],
  ];
  test.each(games)("%s", async (_, attack, code) => {
    evil.attack = attack();
    expect(await attacked(mine())).toMatchObject({ code });
    expect(evil.seen.length).toBeLessThan(24);
  });

  test("a password goes neither where a redirect leads, nor to a registry that it is not for", async () => {
    const trusted = await startEvilRegistry();
    const other = await openMachine({ insecure: [evil.host, trusted.host] });
    try {
      evil.attack = (request, response) => {
        if (request.headers.authorization === undefined) {
          response.writeHead(401, { "www-authenticate": 'Basic realm="x"' }).end();
          return true;
        }
        if (!request.url?.includes("/blobs/")) return false;
        response.writeHead(307, { location: `http://${trusted.host}${request.url}` }).end();
        return true;
      };
      trusted.wares = evil.wares;
      const login = [{ registry: evil.host, username: USERNAME, password: PASSWORD }];
      await other.transfer.pull(name(), other.options(login));
      expect(trusted.seen.length).toBeGreaterThan(1);
      await other.transfer.pull(`${trusted.host}/image:1`, other.options(login));
      expect(trusted.seen.every(({ authorization }) => authorization === undefined)).toBe(true);
    } finally {
      await other.close();
      trusted.stop();
    }
  });
});

test("an honest image passes all of these doors", async () => {
  const image = await machine.transfer.pull(name(), machine.options());
  const [layer = ""] = await machine.snapshotter.layers(image.snapshot ?? "");
  expect(await readFile(path.join(layer, "file"), "utf8")).toBe("honest");
  expect(await partialFiles(machine)).toEqual([]);
});
