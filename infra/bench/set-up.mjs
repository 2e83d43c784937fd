// npm run bench -- set-up: installs what the bench of builds is compared with, and makes what the benches run.
import { installNpmPackages, makePart, PARTS } from "../bootstrap/clone.mjs";
import { BENCH_PACKAGES, installPackages } from "../bootstrap/packages.mjs";
import { Progress } from "../bootstrap/progress.mjs";
import { sentenceOf } from "../bootstrap/refusal.mjs";

const progress = new Progress(process.stdout);
const { signal } = new AbortController();

try {
  await progress.phase("Debian packages", (reporter) => installPackages(BENCH_PACKAGES, reporter, signal));
  await progress.phase("npm packages", (reporter) => installNpmPackages(reporter, signal));
  await progress.phase("native/", (reporter) => makePart(PARTS.native, reporter, signal));
} catch (error) {
  progress.say(sentenceOf(error));
  process.exitCode = 1;
}
