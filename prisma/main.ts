import { spawnSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import path from "node:path";
import { deploy, readMigrations } from "./deploy.ts";

/*
 * tsx prisma/main.ts deploy           applies the migrations to DATABASE_URL
 * tsx prisma/main.ts migrate <name>   for developers: applies them, then writes the next one from schema.prisma
 * tsx prisma/main.ts generate         writes the Prisma client
 */

const directory = path.join(import.meta.dirname, "migrations");
const schemaFile = path.join(import.meta.dirname, "schema.prisma");

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function databaseUrl(): string {
  const url = process.env.DATABASE_URL;
  if (!url) throw new Error("DATABASE_URL is not set; it names the PostgreSQL database.");
  return url;
}

async function runDeploy(): Promise<void> {
  const applied = await deploy(databaseUrl(), readMigrations(directory));
  for (const name of applied) say(`applied ${name}`);
  if (applied.length === 0) say("the database is up to date");
}

async function runMigrate(name: string): Promise<void> {
  mkdirSync(directory, { recursive: true });
  await runDeploy();
  const { createMigration } = await import("./schema-engine.ts");
  const made = await createMigration({
    databaseUrl: databaseUrl(),
    directory,
    schemaFile,
    name,
    warn: (sentence) => say(`careful: ${sentence}`),
  });
  if (made === null) return say("schema.prisma has not changed");
  say(`wrote ${made}`);
  await runDeploy();
}

/** Prisma's command line downloads an engine that `generate` never runs, unless it is told of any existing file. */
function runGenerate(): void {
  const prisma = path.join(import.meta.dirname, "../node_modules/.bin/prisma");
  const { status } = spawnSync(prisma, ["generate", "--no-hints", "--schema", schemaFile], {
    stdio: ["ignore", "ignore", "inherit"],
    env: { ...process.env, PRISMA_SCHEMA_ENGINE_BINARY: process.execPath, PRISMA_HIDE_UPDATE_MESSAGE: "1" },
  });
  if (status !== 0) throw new Error(`prisma generate ended with status ${status}`);
}

const [command, argument] = process.argv.slice(2);
try {
  if (command === "deploy") await runDeploy();
  else if (command === "migrate") await runMigrate(argument ?? "change");
  else if (command === "generate") runGenerate();
  else throw new Error("Usage: tsx prisma/main.ts deploy | migrate <name> | generate");
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
