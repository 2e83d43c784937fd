import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import path from "node:path";
import { bindMigrationAwareSqlAdapterFactory } from "@prisma/driver-adapter-utils";
import type { MigrationList, SchemaEngine, SchemaFilter } from "@prisma/schema-engine-wasm";
import { EngineAdapterFactory } from "./engine-adapter.ts";

/*
 * Makes migrations for developers with Prisma's schema engine compiled to WebAssembly: Prisma's own command line downloads
 * a native engine, which a machine without internet can't.
 */

interface EngineModule {
  SchemaEngine: {
    new: (
      options: { datamodels: [string, string][] },
      log: (line: string) => void,
      adapters: unknown,
    ) => Promise<SchemaEngine>;
  };
  __wbg_set_wasm: (exports: WebAssembly.Exports) => void;
}

const NO_FILTER: SchemaFilter = { externalTables: [], externalEnums: [] };

async function loadEngine(): Promise<EngineModule> {
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: { set_message: (message: string) => process.stderr.write(`${message}\n`) },
  });
  const file = createRequire(import.meta.url).resolve("@prisma/schema-engine-wasm/schema_engine_bg");
  const glue: EngineModule & WebAssembly.ModuleImports = await import(file);
  const bytes = readFileSync(path.join(path.dirname(file), "schema_engine_bg.wasm"));
  const { instance } = await WebAssembly.instantiate(bytes, { "./schema_engine_bg.js": glue });
  glue.__wbg_set_wasm(instance.exports);
  const start = instance.exports.__wbindgen_start;
  if (typeof start === "function") start();
  return glue;
}

function listMigrations(directory: string): MigrationList {
  const lock = path.join(directory, "migration_lock.toml");
  const names = existsSync(directory)
    ? readdirSync(directory, { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map((entry) => entry.name)
        .sort()
    : [];
  return {
    baseDir: directory,
    lockfile: {
      path: "./migration_lock.toml",
      content: existsSync(lock) ? readFileSync(lock, "utf8") : null,
    },
    shadowDbInitScript: "",
    migrationDirectories: names.map((name) => ({
      path: name,
      migrationFile: {
        path: "migration.sql",
        content: { tag: "ok", value: readFileSync(path.join(directory, name, "migration.sql"), "utf8") },
      },
    })),
  };
}

/**
 * Writes the migration that leads from the newest one to `schema.prisma`, and answers its name, or null when there is
 * nothing to change. The database at `databaseUrl` holds all earlier migrations; `warn` hears of data that would be lost.
 */
export async function createMigration(options: {
  readonly databaseUrl: string;
  readonly directory: string;
  readonly schemaFile: string;
  readonly name: string;
  readonly warn: (sentence: string) => void;
}): Promise<string | null> {
  const { directory, schemaFile } = options;
  const module = await loadEngine();
  const content = readFileSync(schemaFile, "utf8");
  const schema = { files: [{ path: schemaFile, content }] };
  const adapters = new EngineAdapterFactory(options.databaseUrl);
  const engine = await module.SchemaEngine.new(
    { datamodels: [[schemaFile, content]] },
    () => undefined,
    bindMigrationAwareSqlAdapterFactory(adapters),
  );
  try {
    const migrationsList = listMigrations(directory);
    // Must come first: it attaches the shadow database.
    const diagnosis = await engine.devDiagnostic({ migrationsList, filters: NO_FILTER });
    if (diagnosis.action.tag === "reset") {
      throw new Error(`The database does not fit the migrations: ${diagnosis.action.reason}`);
    }
    const loss = await engine.evaluateDataLoss({ migrationsList, schema, filters: NO_FILTER });
    for (const warning of [...loss.warnings, ...loss.unexecutableSteps]) options.warn(warning.message);
    const made = await engine.createMigration({
      draft: false,
      migrationName: options.name,
      migrationsList,
      schema,
      filters: NO_FILTER,
    });
    if (!made.migrationScript) return null;
    const target = path.join(directory, made.generatedMigrationName);
    mkdirSync(target, { recursive: true });
    writeFileSync(path.join(target, "migration.sql"), made.migrationScript);
    writeFileSync(path.join(directory, "migration_lock.toml"), 'provider = "postgresql"\n');
    return made.generatedMigrationName;
  } finally {
    engine.free();
    await adapters.closeAll();
  }
}
