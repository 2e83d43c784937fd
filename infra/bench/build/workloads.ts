import { createHash } from "node:crypto";
import { mkdir, mkdtemp, writeFile } from "node:fs/promises";
import path from "node:path";

/*
 * What is built. Commands and files carry a word of their own in each repetition, so that no side can take up anything of the
 * one before.
 */

const RUNS = 10;
const SMALL_FILES = 20_000;
const SMALL_FILE_BYTES = 10_000;
const FILES_PER_DIRECTORY = 100;

async function directoryWith(parent: string, files: Readonly<Record<string, string>>): Promise<string> {
  const directory = await mkdtemp(path.join(parent, "context-"));
  for (const [name, content] of Object.entries(files)) await writeFile(path.join(directory, name), content);
  return directory;
}

/** Ten RUN steps that write a few bytes each. */
export async function tenRuns(parent: string, word: string): Promise<string> {
  const runs = Array.from({ length: RUNS }, (_, step) => `RUN echo ${word}-${step} > /step-${step}\n`);
  return await directoryWith(parent, { Dockerfile: `FROM busybox\n${runs.join("")}` });
}

/** 20,000 files, 200 MB. */
export async function manyFiles(parent: string): Promise<string> {
  const directory = await directoryWith(parent, { Dockerfile: "FROM busybox\nCOPY tree /tree\n" });
  for (let number = 0; number < SMALL_FILES; number += 1) {
    const folder = path.join(directory, "tree", `d${Math.floor(number / FILES_PER_DIRECTORY)}`);
    if (number % FILES_PER_DIRECTORY === 0) await mkdir(folder, { recursive: true });
    await writeFile(path.join(folder, `f${number}`), incompressible(String(number), SMALL_FILE_BYTES));
  }
  return directory;
}

/** Bytes that look random and are the same each time. */
export function incompressible(seed: string, sizeBytes: number): Buffer {
  return createHash("shake256", { outputLength: sizeBytes }).update(seed).digest();
}

/** The application of Docker's introductions, with a package that it needs. */
const APP_FILES = {
  "app.js": `const express = require("express");
const os = require("os");
const app = express();
app.get("/", (request, response) => response.send("You've hit " + os.hostname() + "\\n"));
app.listen(8080);
`,
  "package.json": `${JSON.stringify({ name: "app", private: true, dependencies: { express: "4.21.2" } }, null, 2)}\n`,
};

/** A Debian base, apt, npm, COPY and two stages. */
export async function realImage(parent: string, word: string): Promise<string> {
  return await directoryWith(parent, {
    ...APP_FILES,
    Dockerfile: `FROM node AS build
WORKDIR /app
COPY package.json ./
RUN npm install && echo ${word}
COPY . .

FROM debian:bookworm-slim
RUN apt-get update \\
    && apt-get install -y --no-install-recommends nodejs curl \\
    && rm -rf /var/lib/apt/lists/* && echo ${word}
WORKDIR /app
COPY --from=build /app /app
EXPOSE 8080
CMD ["node", "app.js"]
`,
  });
}

/** What a class builds after the first lesson. */
export async function classroomApp(parent: string): Promise<string> {
  return await directoryWith(parent, {
    ...APP_FILES,
    Dockerfile: `FROM node
WORKDIR /app
COPY package.json ./
RUN npm install
COPY . .
EXPOSE 8080
CMD ["node", "app.js"]
`,
  });
}

/** What a class builds in the first lesson: nothing runs. */
export async function classroomTrivial(parent: string): Promise<string> {
  return await directoryWith(parent, {
    ...APP_FILES,
    Dockerfile: 'FROM node\nADD app.js /app.js\nENTRYPOINT ["node", "app.js"]\n',
  });
}
