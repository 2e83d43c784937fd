import { chmod, mkdir, mkdtemp, readdir, readFile, rm } from "node:fs/promises";
import path from "node:path";
import type { BuildRequest } from "@slipway/protocol";
import { SlipwayError } from "@slipway/protocol";
import type { ContentStore } from "../../content/content-store.ts";
import type { Image, ImageStore } from "../../image-store/image-store.ts";
import { parseReference } from "../../image-store/reference.ts";
import type { BaseImages } from "../builder.ts";
import type { ImageBuilder } from "../create-builder.ts";
import { mapReference } from "./image-map.ts";
import { Makings, type Progress } from "./makings.ts";
import { type Recipe, readRecipes } from "./recipe.ts";
import { makeRootFileSystem } from "./root-file-system.ts";
import { withVersions } from "./versions.ts";

export interface BaseImagesOptions {
  /** infra/images */
  readonly recipesDirectory: string;
  /** The operator's map of names; see image-map.ts. */
  readonly mapFile: string;
  /** For files of images that are being made; emptied at start. */
  readonly directory: string;
  readonly imageStore: ImageStore;
  readonly content: ContentStore;
  /** Builds those recipes that are Dockerfiles; asked for late, as the builder asks for base images itself. */
  readonly builder: () => Pick<ImageBuilder, "buildFiles">;
  /** For the containers of such builds. */
  readonly limits: BuildRequest["limits"];
  /** NODE_EXTRA_CA_CERTS of the worker. */
  readonly extraCertificates: string | null;
}

/** Names that a map may lead through. */
const MAX_MAPPINGS = 8;

/** Images that are made on this machine from Debian's packages. */
export async function createBaseImages(options: BaseImagesOptions): Promise<BaseImages> {
  await rm(options.directory, { recursive: true, force: true });
  // apt's own user walks through it.
  await mkdir(options.directory, { recursive: true, mode: 0o711 });
  return new RecipeImages(options, await readRecipes(options.recipesDirectory));
}

class RecipeImages implements BaseImages {
  readonly names: readonly string[];
  readonly starters: readonly string[];
  readonly #options: BaseImagesOptions;
  readonly #recipes = new Map<string, Recipe>();
  readonly #makings = new Makings<Image>();

  constructor(options: BaseImagesOptions, recipes: readonly Recipe[]) {
    this.#options = options;
    for (const recipe of recipes) {
      for (const tag of recipe.tags) this.#recipes.set(parseReference(tag).full, recipe);
    }
    this.names = recipes.flatMap(({ tags }) => tags);
    this.starters = recipes.flatMap(({ starter, tags }) =>
      starter && tags[0] !== undefined ? [tags[0]] : [],
    );
  }

  async ensure(reference: string, onProgress: Progress, signal?: AbortSignal): Promise<Image | null> {
    let name = reference;
    for (let step = 0; step <= MAX_MAPPINGS; step += 1) {
      const { full } = parseReference(name);
      const recipe = this.#recipes.get(full);
      if (recipe?.note !== undefined && step > 0) onProgress(recipe.note);
      const local = await this.#options.imageStore.resolve(full);
      if (local) return local;
      if (recipe) return await this.#make(recipe, full, onProgress, signal);
      const target = await this.mapped(name, onProgress);
      if (target === null) return null;
      name = target;
    }
    return null;
  }

  async mapped(reference: string, onProgress: Progress): Promise<string | null> {
    const { familiar } = parseReference(reference);
    const target = await mapReference(this.#options.mapFile, familiar);
    if (target === null || parseReference(target).familiar === familiar) return null;
    onProgress(`${familiar} → ${target} (this worker's map of images)`);
    return target;
  }

  #make(recipe: Recipe, full: string, onProgress: Progress, signal?: AbortSignal): Promise<Image> {
    const work = (tell: Progress, abort: AbortSignal) => this.#makeOnce(recipe, full, tell, abort);
    return this.#makings.run(recipe.name, work, onProgress, signal);
  }

  async #makeOnce(recipe: Recipe, full: string, tell: Progress, signal: AbortSignal): Promise<Image> {
    const { imageStore } = this.#options;
    await imageStore.checkRoom();
    const lease = imageStore.lease();
    try {
      const image = (await this.#otherName(recipe)) ?? (await this.#carryOut(recipe, tell, signal));
      // The name that was asked for comes last: when it is there, the image is whole.
      const tags = recipe.tags.filter((tag) => parseReference(tag).full !== full);
      for (const tag of [...tags, full]) await imageStore.tag(tag, image.digest);
      return image;
    } finally {
      lease.release();
    }
  }

  /** The image under another of the recipe's names, after a kill between two tags. */
  async #otherName(recipe: Recipe): Promise<Image | null> {
    for (const tag of recipe.tags) {
      const image = await this.#options.imageStore.resolve(tag);
      if (image) return image;
    }
    return null;
  }

  async #carryOut(recipe: Recipe, tell: Progress, signal: AbortSignal): Promise<Image> {
    const started = performance.now();
    tell(`Making ${recipe.tags[0]} from Debian's packages; this happens once.`);
    const directory = await mkdtemp(path.join(this.#options.directory, `${recipe.name}-`));
    await chmod(directory, 0o711);
    try {
      const made = await this.#follow(recipe, directory, tell, signal);
      const { versions } = recipe;
      const image = versions ? await withVersions(this.#options.imageStore, made, versions) : made;
      tell(`Made ${recipe.tags[0]} in ${Math.round((performance.now() - started) / 1000)} s.`);
      return image;
    } catch (error) {
      signal.throwIfAborted();
      const message = error instanceof Error ? error.message : String(error);
      throw new SlipwayError("base-image-failed", `${recipe.tags[0]} could not be made: ${message}`, {
        params: { reference: recipe.tags[0] ?? recipe.name, reason: message.slice(0, 4000) },
        cause: error,
      });
    } finally {
      await rm(directory, { recursive: true, force: true });
    }
  }

  async #follow(recipe: Recipe, directory: string, tell: Progress, signal: AbortSignal): Promise<Image> {
    if (recipe.kind === "dockerfile") return await this.#build(recipe, tell, signal);
    const from = recipe.from === undefined ? null : await this.ensure(recipe.from, tell, signal);
    return await makeRootFileSystem({ recipe, directory, from, tell, signal }, this.#options);
  }

  async #build(recipe: Recipe, tell: Progress, signal: AbortSignal): Promise<Image> {
    const files = new Map<string, Uint8Array>();
    for (const name of await readdir(recipe.directory)) {
      if (name !== "recipe.json") files.set(name, await readFile(path.join(recipe.directory, name)));
    }
    return await this.#options.builder().buildFiles(
      `base${recipe.name.replaceAll(/[^a-z0-9]/g, "")}`,
      files,
      this.#options.limits,
      (event) => {
        if (event.type === "log")
          for (const line of event.text.split("\n")) if (line.trim() !== "") tell(line);
      },
      signal,
    );
  }
}
