import path from "node:path";
import { describe, expect, test } from "vitest";
import { PlainRegistry } from "./plain-registry-fixture.ts";
import { startBetween, startRegistry } from "./registry-fixture.ts";

const stage = new PlainRegistry();

describe("a mirror", () => {
  test("is a cache that is asked first, and does without the registry", async () => {
    const origin = await startRegistry({ directory: path.join(stage.root, "origin") });
    stage.atEnd(() => origin.stop());
    const here = await stage.machine({ insecure: [origin.host] });
    const { image } = await stage.pushed(here, `${origin.host}/cached:1`);
    const cache = await startRegistry({
      directory: path.join(stage.root, "cache"),
      more: { proxy: { remoteurl: `http://${origin.host}` } },
    });
    stage.atEnd(() => cache.stop());
    const way = await startBetween(cache.host);
    stage.atEnd(() => way.stop());
    const mirrors = new Map([[origin.host, [new URL(`http://${way.host}`)]]]);
    const options = { insecure: [origin.host], mirrors };

    const first = await stage.machine(options);
    await first.transfer.pull(`${origin.host}/cached:1`, first.options());
    expect(way.seen.length).toBeGreaterThan(3);
    await origin.stop();
    const second = await stage.machine(options);
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
    const here = await stage.machine();
    const { image } = await stage.pushed(here, `${stage.registry.host}/passed/by:1`);
    const bad = await startBetween(stage.registry.host);
    bad.trouble = (_incoming, response) => Boolean(response.writeHead(status ?? 500).end());
    stage.atEnd(() => bad.stop());
    if (status === null) bad.stop();
    const there = await stage.machine({
      mirrors: new Map([[stage.registry.host, [new URL(`http://${bad.host}`)]]]),
    });
    const found = await there.transfer.pull(`${stage.registry.host}/passed/by:1`, there.options());
    expect(found.imageId).toBe(image.imageId);
  });

  test("with another layer than the manifest says is passed by", async () => {
    const here = await stage.machine();
    const { image } = await stage.pushed(here, `${stage.registry.host}/lied/to:1`);
    const liar = await startBetween(stage.registry.host);
    liar.trouble = (incoming, response) => {
      if (incoming.method !== "GET" || !incoming.url?.includes("/blobs/")) return false;
      response.writeHead(200).end("something else");
      return true;
    };
    stage.atEnd(() => liar.stop());
    const there = await stage.machine({
      mirrors: new Map([[stage.registry.host, [new URL(`http://${liar.host}`)]]]),
    });
    const found = await there.transfer.pull(`${stage.registry.host}/lied/to:1`, there.options());
    expect(found.imageId).toBe(image.imageId);
  });

  test("may have the images below a name of its own", async () => {
    const here = await stage.machine();
    await stage.pushed(here, `${stage.registry.host}/cache/dir/prefixed:1`);
    const there = await stage.machine({
      insecure: ["127.0.0.1:1"],
      mirrors: new Map([["127.0.0.1:1", [new URL(`http://${stage.registry.host}/cache/dir/`)]]]),
    });
    await there.transfer.pull("127.0.0.1:1/prefixed:1", there.options());
    await expect(there.transfer.pull("127.0.0.1:1/other:1", there.options())).rejects.toMatchObject({
      code: "registry-unreachable",
      message: expect.stringMatching(/Tried before: .*cache\/dir\/other/),
    });
  });
});
