import { mkdtemp, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Fixture, fixtureWithBusybox } from "../builder-fixture.ts";
import { type Difference, differences, type Summary, summarize } from "./built-image-fixture.ts";
import { type ConformanceCase, readCases, writeContext } from "./case-fixture.ts";
import { type DockerDaemon, findDocker, startDocker } from "./docker-fixture.ts";
import { type BuildOutcome, buildWithDocker, loadImage, saved } from "./docker-side-fixture.ts";
import type { FileTree } from "./file-tree-fixture.ts";
import { isOtherGeneration } from "./generations-fixture.ts";
import { buildWithSlipway, read } from "./slipway-side-fixture.ts";

/*
 * Each case is built by Slipway and by Docker's BuildKit from the same base image; file tree, config and history must be
 * the same. SLIPWAY_WRITE_GOLDEN=1 writes golden.json of the cases that Docker's version can't build.
 */

const TESTDATA = fileURLToPath(new URL("testdata/", import.meta.url));
const START_TIMEOUT_MS = 120_000;
const BASE = "busybox";

const docker = findDocker();
const cases = await readCases(TESTDATA);
const compared = cases.filter(({ golden }) => golden === undefined);
const documented = cases.filter(({ golden }) => golden !== undefined);
/** Contexts have older times, and nothing that is built here has. */
const startedSeconds = Math.floor(Date.now() / 1000) - 1;

let fixture: Fixture;
let scratch: string;

beforeAll(async () => {
  fixture = await fixtureWithBusybox();
  scratch = await mkdtemp("/var/tmp/slipway-conformance-");
}, START_TIMEOUT_MS);

afterAll(async () => {
  await fixture?.close();
  if (scratch) await rm(scratch, { recursive: true, force: true });
});

async function contextOf(of: ConformanceCase): Promise<string> {
  const directory = await mkdtemp(path.join(scratch, "context-"));
  await writeContext(of, directory);
  return directory;
}

function imageOf(outcome: BuildOutcome) {
  if ("image" in outcome) return outcome.image;
  throw new Error(`The build failed: ${outcome.message}`);
}

/** How a build ended, in the words of a case's `fails`. */
function endOf(outcome: BuildOutcome): string {
  if ("image" in outcome) return "succeeded";
  return outcome.exitCode === null ? "failed" : `failed with exit code ${outcome.exitCode}`;
}

/** The base image as Slipway's own store has it. */
async function ownBase(): Promise<FileTree> {
  const image = await fixture.imageStore.resolve(BASE);
  if (!image) throw new Error(`There is no ${BASE}.`);
  return (await read(fixture, image)).tree;
}

/** Fails with one line per difference. */
function refuse(found: readonly Difference[]): void {
  if (found.length === 0) return;
  const lines = found.map(({ key, is, wanted }) => `${key} is ${is}, expected ${wanted}`);
  throw new Error(["The image differs:", ...lines].join("\n"));
}

/** A key of `except` may end in `*`. */
function covers(name: string, key: string): boolean {
  return name.endsWith("*") ? key.startsWith(name.slice(0, -1)) : key === name;
}

// npm test installs Debian's docker.io; whoever runs this file alone may do without it, and is told what that leaves out.
if (!docker) console.warn("Docker is not installed: nothing is compared with BuildKit.");

describe.skipIf(docker === null)("the same image as BuildKit's", () => {
  let daemon: DockerDaemon;
  let base: FileTree;

  beforeAll(async () => {
    if (!docker) return;
    daemon = await startDocker(docker);
    await loadImage(daemon, path.join(fixture.root, "content"), BASE);
    base = (await saved(daemon, BASE)).tree;
  }, START_TIMEOUT_MS);

  afterAll(async () => {
    await daemon?.close();
  });

  test.each(compared.map((of) => [of.name, of] as const))("%s", async (_, of) => {
    const context = await contextOf(of);
    const theirs = await buildWithDocker(daemon, of, context);
    const ours = await buildWithSlipway(fixture, of, context);
    if (of.fails) {
      return expect([`Slipway ${endOf(ours)}`, `BuildKit ${endOf(theirs)}`].join(", ")).toBe(
        `Slipway ${of.fails}, BuildKit ${of.fails}`,
      );
    }
    const [is, wanted] = [imageOf(ours), imageOf(theirs)].map((image) =>
      summarize(image, base, startedSeconds),
    );
    const found = differences(is as Summary, wanted as Summary);
    const kept = Object.keys(of.except);
    refuse(
      found.filter(
        ({ key, is, wanted }) =>
          !isOtherGeneration(key, is, wanted) && !kept.some((name) => covers(name, key)),
      ),
    );
    // A difference that is gone needs no excuse any more.
    expect(kept.filter((name) => !found.some(({ key }) => covers(name, key)))).toEqual([]);
  });
});

describe("as documented, where Docker's version can't tell", () => {
  test.each(documented.map((of) => [of.name, of] as const))("%s", async (name, of) => {
    const outcome = await buildWithSlipway(fixture, of, await contextOf(of));
    if (of.fails) return expect(endOf(outcome)).toBe(of.fails);
    const base = of.base === "scratch" ? new Map() : await ownBase();
    const summary = summarize(imageOf(outcome), base, startedSeconds);
    if (process.env.SLIPWAY_WRITE_GOLDEN === "1") {
      await writeFile(path.join(TESTDATA, name, "golden.json"), `${JSON.stringify(summary, null, 2)}\n`);
    }
    refuse(differences(summary, of.expected as Summary));
  });
});
