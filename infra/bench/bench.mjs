// npm run bench -- NAME [options]: one bench, each in a file of its own, run through tsx.
import { spawn } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

const directory = import.meta.dirname;
const names = readdirSync(directory)
  .filter((file) => file.endsWith(".bench.ts"))
  .map((file) => file.slice(0, -".bench.ts".length));
const [name = "", ...options] = process.argv.slice(2);
const file = path.join(directory, `${name}.bench.ts`);

if (name === "set-up") {
  await import("./set-up.mjs");
} else if (!names.includes(name) || !existsSync(file)) {
  console.error(`Which bench? npm run bench -- ${[...names, "set-up"].join(" | ")}`);
  process.exitCode = 2;
} else {
  const child = spawn(process.execPath, ["--import", "tsx", file, ...options], { stdio: "inherit" });
  child.on("exit", (code, signal) => {
    process.exitCode = signal ? 1 : (code ?? 1);
  });
}
