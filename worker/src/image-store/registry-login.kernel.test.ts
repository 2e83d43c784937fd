import { execFileSync } from "node:child_process";
import path from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { authorities } from "../outbound/authorities.ts";
import { PlainRegistry, TWO_LAYERS } from "./plain-registry-fixture.ts";
import {
  basicAuth,
  PASSWORD,
  startBetween,
  startRegistry,
  startTokenService,
  type TestRegistry,
  type TokenService,
  USERNAME,
} from "./registry-fixture.ts";
import { makeImage, noise } from "./transfer-fixture.ts";

const stage = new PlainRegistry();

describe("logins", () => {
  const credential = (host: string, password = PASSWORD) => ({
    registry: host,
    username: USERNAME,
    password,
  });

  test("basic: what was had with one is private, and comes again to those who have one", async () => {
    const directory = path.join(stage.root, "basic");
    const closed = await startRegistry({ directory, more: await basicAuth(directory) });
    stage.atEnd(() => closed.stop());
    const way = await startBetween(closed.host);
    stage.atEnd(() => way.stop());
    const here = await stage.machine({ insecure: [closed.host, way.host] });
    const name = `${way.host}/secret:1`;
    const image = await makeImage(here, TWO_LAYERS);
    await here.images.tag(name, image.digest);
    const mine = [credential(way.host)];
    await expect(here.transfer.push(name, here.options())).rejects.toMatchObject({
      code: "registry-unauthorized",
      fault: "user",
    });
    await here.transfer.push(name, here.options(mine));

    const there = await stage.machine({ insecure: [way.host] });
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
      const directory = path.join(stage.root, "tokens");
      tokens = await startTokenService(`${directory}-service`, (name) => name.startsWith("public/"));
      guarded = await startRegistry({ directory, more: tokens.more });
    });
    afterAll(async () => {
      await guarded?.stop();
      tokens?.stop();
    });

    const onTokens = () => stage.machine({ insecure: [guarded.host, ...[realmHost()]] });
    const realmHost = () => {
      const more = tokens.more as { auth: { token: { realm: string } } };
      return new URL(more.auth.token.realm).host;
    };

    test("nobody in particular reads what is public, and only that", async () => {
      const here = await onTokens();
      const mine = [credential(guarded.host)];
      for (const name of ["public/image", "private/image"]) {
        const image = await makeImage(here, TWO_LAYERS);
        await here.images.tag(`${guarded.host}/${name}:1`, image.digest);
        await here.transfer.push(`${guarded.host}/${name}:1`, here.options(mine));
      }
      const there = await onTokens();
      tokens.asked.length = 0;
      await there.transfer.pull(`${guarded.host}/public/image:1`, there.options());
      expect(tokens.asked).toEqual([{ scopes: ["repository:public/image:pull"], user: null }]);
      expect(there.images.isPrivate(`${guarded.host}/public/image:1`)).toBe(false);
      // It stays everybody's when one with a login pulls it, and becomes so when one without does.
      await there.transfer.pull(`${guarded.host}/public/image:1`, there.options(mine));
      expect(there.images.isPrivate(`${guarded.host}/public/image:1`)).toBe(false);
      const other = await onTokens();
      await other.transfer.pull(`${guarded.host}/public/image:1`, other.options([...mine]));
      expect(other.images.isPrivate(`${guarded.host}/public/image:1`)).toBe(true);
      await other.transfer.pull(`${guarded.host}/public/image:1`, other.options());
      expect(other.images.isPrivate(`${guarded.host}/public/image:1`)).toBe(false);
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
      const image = await makeImage(here, TWO_LAYERS);
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

describe("a registry with a certificate of the operator's own", () => {
  test("is believed when the operator names its authority and its host, and not otherwise", async () => {
    const directory = path.join(stage.root, "private-ca");
    const files = {
      key: path.join(stage.root, "ca-key.pem"),
      certificate: path.join(stage.root, "ca-cert.pem"),
    };
    const made = ["-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1", "-subj", "/CN=registry"];
    const names = ["-addext", "subjectAltName=IP:127.0.0.1"];
    execFileSync("openssl", ["req", ...made, ...names, "-keyout", files.key, "-out", files.certificate], {
      stdio: "ignore",
    });
    const secure = await startRegistry({ directory, tls: files });
    stage.atEnd(() => secure.stop());
    const own = await authorities(undefined, files.certificate);
    const here = await stage.machine({ private: [secure.host], authorities: own });
    const { image } = await stage.pushed(here, `${secure.host}/tls:1`);
    const there = await stage.machine({ private: [secure.host], authorities: own });
    const back = await there.transfer.pull(`${secure.host}/tls:1`, there.options());
    expect(back.imageId).toBe(image.imageId);
    for (const [options, code] of [
      [{ private: [secure.host] }, "registry-unreachable"],
      [{ authorities: own }, "registry-address-refused"],
    ] as const) {
      const other = await stage.machine(options);
      const pull = other.transfer.pull(`${secure.host}/tls:1`, other.options());
      await expect(pull).rejects.toMatchObject({ code });
    }
  });
});
