import { readdir, readFile } from "node:fs/promises";
import path from "node:path";
import { z } from "zod";
import { errnoOf } from "../../content/atomic-file.ts";
import { executionConfigSchema } from "../../oci/image-spec.ts";

const common = {
  tags: z.array(z.string()).min(1),
  /** True for images that are made at start. */
  starter: z.boolean(),
  /** What a person has to know who gets this image for the name of another one; said in the log of each such build. */
  note: z.string().optional(),
  /** Environment variables that tell the version of a Debian package in the image, by the variable's name. */
  versions: z.record(z.string(), z.string()).optional(),
};

const recipeFileSchema = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("root-file-system"),
    ...common,
    /** Program beside the recipe that writes a tar of the root file system to stdout. */
    program: z.string(),
    /** Image of one layer whose tar the program gets at stdin. */
    from: z.string().optional(),
    config: executionConfigSchema,
  }),
  z.strictObject({ kind: z.literal("dockerfile"), ...common }),
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
