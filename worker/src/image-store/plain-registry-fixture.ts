import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, afterEach, beforeAll } from "vitest";
import { type Between, startBetween, startRegistry, type TestRegistry } from "./registry-fixture.ts";
import { type Machine, type MachineOptions, makeImage, noise, openMachine } from "./transfer-fixture.ts";

/** An image of two layers, of which one takes a while. */
export const BIG = noise(3_000_000);
export const TWO_LAYERS = [
  [
    { path: "lower", content: "of the first layer" },
    { path: "big", content: BIG },
  ],
  [{ path: "upper", content: "of the second" }],
];

/** A registry without a login for all tests of a file, with something between it and them. */
export class PlainRegistry {
  /** For whatever tests want to keep until the end of the file. */
  root = "";
  registry: TestRegistry = { host: "", stop: async () => {} };
  between: Between = {
    host: "",
    seen: [],
    trouble: () => false,
    breakAfterBytes: null,
    stalls: false,
    stop: () => {},
  };
  readonly #closing: (() => unknown)[] = [];

  constructor() {
    beforeAll(async () => {
      this.root = await mkdtemp(path.join(tmpdir(), "slipway-registries-"));
      this.registry = await startRegistry({ directory: path.join(this.root, "plain") });
      this.between = await startBetween(this.registry.host);
    });
    afterEach(async () => {
      for (const close of this.#closing.splice(0).reverse()) await close();
      this.between.seen.length = 0;
      Object.assign(this.between, { trouble: () => false, breakAfterBytes: null, stalls: false });
    });
    afterAll(async () => {
      this.between.stop();
      await this.registry.stop();
      if (this.root !== "") await rm(this.root, { recursive: true, force: true });
    });
  }

  /** Called when the test ends, however that is. */
  atEnd(close: () => unknown): void {
    this.#closing.push(close);
  }

  async machine(options: Partial<MachineOptions> = {}): Promise<Machine> {
    const opened = await openMachine({ insecure: [this.registry.host, this.between.host], ...options });
    this.atEnd(() => opened.close());
    return opened;
  }

  /** Makes an image, gives it a name, and pushes it there. */
  async pushed(on: Machine, name: string, layers: Parameters<typeof makeImage>[1] = TWO_LAYERS) {
    const image = await makeImage(on, layers);
    await on.images.tag(name, image.digest);
    return { image, pushed: await on.transfer.push(name, on.options()) };
  }

  /** What was asked of `between`. */
  asked(method: string, part: string): string[] {
    return this.between.seen.filter((line) => line.startsWith(`${method} `) && line.includes(part));
  }
}

/** A file of an image as a container would see it. */
export async function fileOf(on: Machine, name: string, file: string): Promise<Buffer> {
  const image = await on.images.resolve(name);
  const layers = await on.snapshotter.layers(image?.snapshot ?? "");
  for (const layer of [...layers].reverse()) {
    const found = await readFile(path.join(layer, file)).catch(() => null);
    if (found) return found;
  }
  throw new Error(`${name} has no ${file}`);
}
