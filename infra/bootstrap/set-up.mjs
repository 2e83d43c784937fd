import { installNpmPackages, makePart, PARTS } from "./clone.mjs";
import { chosenPackages, installPackages } from "./packages.mjs";
import { Progress } from "./progress.mjs";
import { sentenceOf } from "./refusal.mjs";

/* Installs and builds what npm start would, and starts nothing: for container images. */

const progress = new Progress(process.stdout);
const { signal } = new AbortController();

try {
  process.umask(0o022);
  await progress.phase("Debian packages", (reporter) =>
    installPackages(chosenPackages(process.env), reporter, signal),
  );
  await progress.phase("npm packages", (reporter) => installNpmPackages(reporter, signal));
  for (const part of [PARTS.native, PARTS.web, PARTS.worker]) {
    await progress.phase(part.name, (reporter) => makePart(part, reporter, signal));
  }
} catch (error) {
  progress.say(sentenceOf(error));
  process.exitCode = 1;
}
