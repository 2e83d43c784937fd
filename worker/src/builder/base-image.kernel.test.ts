import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import type { BuildEvent } from "@slipway/protocol";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  basicAuth,
  PASSWORD,
  startRegistry,
  type TestRegistry,
  USERNAME,
} from "../image-store/registry-fixture.ts";
import { openImageTransfer } from "../image-store/registry-transfer.ts";
import { SHORT } from "../image-store/transfer-fixture.ts";
import { openOutbound } from "../outbound/guarded-outbound.ts";
import { type RegistrySettings, trustedHosts } from "../registry/endpoints.ts";
import { fileOf, imageOf, last, logOf, outcomes, someone } from "./build-outcome-fixture.ts";
import {
  buildContext,
  dockerfile,
  type Fixture,
  fixtureWithBusybox,
  openFixture,
  type TransferParts,
} from "./builder-fixture.ts";

/** Nobody listens there. */
const NOWHERE = "127.0.0.1:9";

let directory: string;
let open: TestRegistry;
let closed: TestRegistry;
let fixture: Fixture;
let imageMap: string;

async function openTransfer({ directory: own, content, images }: TransferParts) {
  const hosts = [open.host, closed.host, NOWHERE];
  const registries: RegistrySettings = { mirrors: new Map(), insecure: new Set(hosts), private: new Set() };
  const outbound = openOutbound({
    openedAddresses: [],
    refusedAddresses: [],
    trustedHosts: trustedHosts(registries),
    allowsPlainHttp: () => true,
    connectMs: SHORT.connectMs,
  });
  return await openImageTransfer({
    directory: own,
    images,
    content,
    outbound,
    registries,
    imageBytes: 1024 ** 3,
    patience: SHORT,
  });
}

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-bases-"));
  const basic = path.join(directory, "closed");
  open = await startRegistry({ directory: path.join(directory, "open") });
  closed = await startRegistry({ directory: basic, more: await basicAuth(basic) });
  imageMap = path.join(directory, "image-map");
  await writeFile(imageMap, `node:old = ${open.host}/tool:1\nlib:* = busybox\n`);
  const maker = await fixtureWithBusybox({ openTransfer, imageMap });
  const made = await imageOf(
    maker,
    await buildContext(maker, [dockerfile("FROM busybox\nRUN echo tool > /tool")]),
  );
  const options = { credentials: [login()], onProgress: () => {}, signal: new AbortController().signal };
  const triggers = await buildContext(maker, [dockerfile("FROM busybox\nONBUILD RUN echo trigger")]);
  const names = new Map([
    [`${open.host}/tool:1`, made],
    [`${closed.host}/own:1`, made],
    [`${open.host}/triggers:1`, await imageOf(maker, triggers)],
  ]);
  for (const [name, { digest }] of names) {
    await maker.imageStore.tag(name, digest);
    await maker.transfer?.push(name, options);
  }
  await maker.close();
  fixture = await openFixture({ openTransfer, imageMap });
  const busybox = await fixtureWithBusybox();
  const image = await busybox.imageStore.resolve("busybox");
  for (const { digest, sizeBytes } of image?.layers ?? [])
    await fixture.content.ingest(await busybox.content.stream(digest), { limitBytes: sizeBytes });
  if (image) {
    const copy = await fixture.imageStore.create(image.config, image.layers);
    await fixture.imageStore.tag("busybox", copy.digest);
  }
  await busybox.close();
}, 240_000);
afterAll(async () => {
  await fixture?.close();
  await open?.stop();
  await closed?.stop();
  await rm(directory, { recursive: true, force: true });
});

const login = (password = PASSWORD) => ({ registry: closed.host, username: USERNAME, password });
const build = (text: string, options: Parameters<typeof buildContext>[2] = {}) =>
  buildContext(fixture, [dockerfile(text)], { playground: someone(), ...options });
const pulls = (events: readonly BuildEvent[]) =>
  events.flatMap((event) => (event.type === "pull" ? event.layers : []));

describe("the base of a build", () => {
  it("is pulled when it is not here, which is told layer by layer, and is here the next time", async () => {
    const text = `FROM ${open.host}/tool:1\nRUN cat /tool`;
    const events = await build(text);
    expect(logOf(events)).toBe("tool\n");
    expect(outcomes(events)[0]).toBe("first-time");
    expect(pulls(events).length).toBeGreaterThan(0);
    const base = await fixture.imageStore.resolve(`${open.host}/tool:1`);
    const done = pulls(events).filter(({ state }) => state === "done" || state === "present");
    expect(new Set(done.map(({ digest }) => digest)).size).toBe(base?.layers.length);
    const again = await build(text);
    expect(outcomes(again)).toEqual(["base-present", "same-inputs"]);
    expect(pulls(again)).toEqual([]);
  });

  it("that is pulled brings its triggers into the plan, and no step changes its number", async () => {
    const events = await build(`FROM ${open.host}/triggers:1\nRUN echo own`);
    expect(logOf(events)).toBe("trigger\nown\n");
    const plans = events.flatMap((event) => (event.type === "plan" ? [event.steps] : []));
    expect(plans.map((steps) => steps.map(({ step, text }) => `${step} ${text.split(" ")[0]}`))).toEqual([
      ["0 FROM", "1 RUN"],
      ["0 FROM", "2 ONBUILD", "1 RUN"],
    ]);
    expect(outcomes(events)).toEqual(["first-time", "parent-missed", "first-time"]);
  });

  it("is asked for anew when that is wanted, and the one that is here serves when nobody answers", async () => {
    const asked = await build(`FROM ${open.host}/tool:1\nRUN cat /tool`, { request: { pull: true } });
    expect(outcomes(asked)[0]).toBe("first-time");
    expect(last(asked)).toMatchObject({ type: "image" });
    const here = await fixture.imageStore.resolve("busybox");
    await fixture.imageStore.tag(`${NOWHERE}/tool:1`, here?.digest as never);
    const events = await build(`FROM ${NOWHERE}/tool:1\nRUN true`, { request: { pull: true } });
    expect(last(events)).toMatchObject({ type: "image" });
    expect(logOf(events)).toContain("the one on this worker is used");
  });

  it("that nobody has is one error, which says all that was tried, also why the pull failed", async () => {
    const [unknown, unreachable] = [
      await build(`FROM ${open.host}/none:1`),
      await build(`FROM ${NOWHERE}/none:1`),
    ];
    for (const events of [unknown, unreachable]) {
      const event = last(events);
      expect(event).toMatchObject({ type: "failed", step: 0, error: { code: "base-image-missing" } });
      const tried = event?.type === "failed" ? String(event.error.params.tried) : "";
      expect(tried).toContain("images on this worker");
      expect(tried).toMatch(/a pull of 127\.0\.0\.1:\d+\/none:1 \(.+\)/);
      expect(tried).toContain("busybox");
    }
  });

  it("that nobody answers for does not cost every build the wait", async () => {
    await build(`FROM ${NOWHERE}/first:1`);
    const started = performance.now();
    await Promise.all([
      build(`FROM ${NOWHERE}/a:1`),
      build(`FROM ${NOWHERE}/b:1`),
      build(`FROM ${NOWHERE}/c:1`),
    ]);
    expect(performance.now() - started).toBeLessThan(1500);
  });

  it("is what the operator's map says, by name here or in a registry, and the log says so", async () => {
    const local = await build("FROM lib:2\nRUN true");
    expect(last(local)).toMatchObject({ type: "image" });
    expect(logOf(local)).toContain("lib:2 → busybox");
    await fixture.imageStore.untag(`${open.host}/tool:1`);
    const pulled = await build("FROM node:old\nRUN echo mapped; cat /tool");
    expect(logOf(pulled)).toContain(`node:old → ${open.host}/tool:1`);
    expect(logOf(pulled)).toContain("mapped\ntool\n");
  });

  it("that was had with a login is there for nobody without one, under no name and no digest", async () => {
    const own = `${closed.host}/own:1`;
    const request = { registryCredentials: [login()] };
    const refused = await build(`FROM ${own}\nRUN true`);
    expect(last(refused)).toMatchObject({ type: "failed", error: { code: "base-image-missing" } });
    const mine = await build(`FROM ${own}\nRUN true`, { request });
    expect(last(mine)).toMatchObject({ type: "image" });
    const digest = (await fixture.imageStore.resolve(own))?.digest;
    for (const name of [own, `${closed.host}/own@${digest}`, `busybox@${digest}`]) {
      for (const text of [`FROM ${name}\nRUN true`, `FROM scratch\nCOPY --from=${name} /tool /`]) {
        expect(last(await build(text)), text).toMatchObject({
          type: "failed",
          error: { code: "base-image-missing" },
        });
      }
    }
    const wrong = { registryCredentials: [login("wrong")] };
    expect(last(await build(`FROM ${own}\nRUN true`, { request: wrong }))).toMatchObject({ type: "failed" });
    expect(last(await build(`FROM ${own}\nRUN true`, { request }))).toMatchObject({ type: "image" });
  });

  it("is never an image of another playground, under no name and no digest", async () => {
    const owner = someone();
    const events = await build("FROM busybox\nRUN echo private > /mine", { playground: owner });
    const { digest } = await imageOf(fixture, events);
    const names = [
      `slipway/${owner}`,
      `docker.io/slipway/${owner}:latest`,
      `slipway/${owner}@${digest}`,
      `busybox@${digest}`,
    ];
    for (const name of names) {
      for (const text of [
        `FROM ${name}\nRUN cat /mine`,
        `FROM busybox\nCOPY --from=${name} /mine /`,
        `FROM busybox\nRUN --mount=from=${name},target=/m cat /m/mine`,
      ]) {
        const other = await build(text);
        expect(last(other), text).toMatchObject({ type: "failed", error: { code: "base-image-missing" } });
        expect(JSON.stringify(other)).not.toContain("private");
      }
    }
    const own = await build(`FROM slipway/${owner}\nRUN cp /mine /yours`, { playground: owner });
    expect(await fileOf(fixture, own, "yours")).toBe("private\n");
  });

  it("can be named by digest where its name is here", async () => {
    const digest = (await fixture.imageStore.resolve("busybox"))?.digest;
    expect(last(await build(`FROM busybox@${digest}\nRUN true`))).toMatchObject({ type: "image" });
  });

  it("whose pull is cancelled ends the build", async () => {
    const abort = new AbortController();
    const events = build(`FROM ${open.host}/tool:1\nRUN true`, {
      request: { pull: true },
      signal: abort.signal,
      onEvent: (event) => {
        if (event.type === "step-started") abort.abort();
      },
    });
    expect(last(await events)).toMatchObject({ error: { code: "build-cancelled" } });
  });
});
