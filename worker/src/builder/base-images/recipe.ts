import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { errnoOf } from "../../content/atomic-file.ts";
import { executionConfigSchema } from "../../oci/image-spec.ts";

const recipeFileSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("root-file-system"),
    tags: z.array(z.string()).min(1),
    /** True for images that are made at start. */
    starter: z.boolean(),
    /** Program beside the recipe that writes a tar of the root file system to stdout. */
    program: z.string(),
    config: executionConfigSchema,
  }),
  z.strictObject({
    kind: z.literal("dockerfile"),
    tags: z.array(z.string()).min(1),
    starter: z.boolean(),
  }),
]);

/** How one base image is made. See infra/images/README.md. */
export type Recipe = z.infer<typeof recipeFileSchema> & { readonly name: string; readonly directory: string };

/** Reads all recipes: a directory each, with a recipe.json. */
export async function readRecipes(directory: string): Promise<Recipe[]> {
  const names = (await readdir(directory, { withFileTypes: true })).filter((entry) => entry.isDirectory());
  const recipes = names.map(async ({ name }) => {
    const file = path.join(directory, name, "recipe.json");
    try {
      const parsed = recipeFileSchema.parse(JSON.parse(await readFile(file, "utf8")));
      return [{ ...parsed, name, directory: path.join(directory, name) }];
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return [];
      throw new Error(`${file} is not a recipe.`, { cause: error });
    }
  });
  return (await Promise.all(recipes)).flat().sort((left, right) => left.name.localeCompare(right.name));
}
