import { readFileSync, writeFileSync } from "node:fs";
import path from "node:path";
import { Readable } from "node:stream";
import { type BuildEvent, buildRequestSchema } from "@slipway/protocol";
import { createContextClient } from "../../../worker/src/agent/context-client.ts";
import { DEFAULT_CONTEXT_LIMITS } from "../../../worker/src/builder/builder.ts";
import { FIXTURE_LIMITS, openFixture } from "../../../worker/src/builder/builder-fixture.ts";
import { tarOf } from "../../../worker/src/builder/conformance/slipway-side-fixture.ts";
import { createBuilder, type ImageBuilder } from "../../../worker/src/builder/create-builder.ts";
import type { Command, Outcome } from "./slipway.ts";

/*
 * A worker's lower half in a process of its own, as main.ts composes it: content store, snapshots, crun, cgroups, network.
 * It carries out one command of its parent after the other.
 */

const [root = ""] = process.argv.slice(2);
const fixture = await openFixture({ directory: root, egress: true });
const builder = await createBuilder({
  ...fixture,
  directory: path.join(root, "bench-builds"),
  contextLimits: DEFAULT_CONTEXT_LIMITS,
});
/** Of all that is said while an image is made, the lines that are shown. */
const MAKING = /^(Making|Made) /;
let builds = 0;

/** Seconds from the call to the `image` event. */
async function timed(context: Readable, playground: string, noCache: boolean): Promise<number> {
  builds += 1;
  const request = buildRequestSchema.parse({
    buildId: `bench${String(builds).padStart(6, "0")}`,
    playgroundId: playground,
    dockerfile: "Dockerfile",
    noCache,
    pull: false,
    target: null,
    buildArgs: {},
    secrets: {},
    sshKeys: {},
    registryCredentials: [],
    limits: FIXTURE_LIMITS,
  });
  let last: BuildEvent | null = null;
  const started = performance.now();
  let ended = started;
  const emit = (event: BuildEvent) => {
    last = event;
    if (event.type === "image") ended = performance.now();
  };
  await (builder satisfies ImageBuilder).build(request, context, emit, new AbortController().signal);
  const final = last as BuildEvent | null;
  if (final?.type !== "image") throw new Error(`A build of the bench failed: ${JSON.stringify(final)}`);
  return (ended - started) / 1000;
}

/** The same Dockerfile for many people at the same moment; the time until the last one has an image. */
async function classroom(directory: string, people: number): Promise<number> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of tarOf(directory)) chunks.push(chunk);
  const tar = Buffer.concat(chunks);
  const times = Array.from({ length: people }, (_, person) =>
    timed(Readable.from([tar], { objectMode: false }), `person${String(person).padStart(4, "0")}`, false),
  );
  return Math.max(...(await Promise.all(times)));
}

/** MB that the process grows by at most while it takes and builds a context that comes over HTTP. */
async function growth(url: string): Promise<number> {
  const fetchContext = createContextClient(url, "bench");
  const { signal } = new AbortController();
  const idle = memoryKilobytes("VmRSS");
  // proc(5): 5 sets the peak back to what is used now.
  writeFileSync("/proc/self/clear_refs", "5");
  await timed(await fetchContext("bench" as Parameters<typeof fetchContext>[0], signal), "memory000", true);
  return (memoryKilobytes("VmHWM") - idle) / 1000;
}

function memoryKilobytes(field: string): number {
  const status = readFileSync("/proc/self/status", "utf8");
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1]);
}

async function carryOut(command: Command): Promise<number> {
  switch (command.kind) {
    case "make-images":
      for (const name of command.names) {
        const image = await fixture.baseImages.ensure(name, (line) => {
          if (MAKING.test(line)) process.stderr.write(`${line}\n`);
        });
        if (!image) throw new Error(`There is no recipe for ${name}.`);
      }
      return 0;
    case "build":
      return await timed(tarOf(command.directory), "bench0000", command.noCache);
    case "classroom":
      return await classroom(command.directory, command.people);
    case "memory":
      return await growth(command.url);
    case "close":
      await fixture.close();
      return 0;
  }
}

const answer = (outcome: Outcome) => process.send?.(outcome);
process.on("message", (command: Command) => {
  carryOut(command).then(
    (value) => answer({ value }),
    (error: unknown) =>
      answer({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
// Without its parent nobody needs it.
process.on("disconnect", () => process.exit(0));
answer({ value: 0 });
