import type { Topic } from "@slipway/dockerfile";
import type { Explanation } from "./docs.ts";

/** Ways of writing that nearly every Dockerfile has. */
export const enIdioms = {
  "idiom:apt-get-update": {
    text: "Fetches the lists of packages. It belongs into the same RUN as the install: in a step of its own it would come from the cache for months, and the install would ask for versions that are gone.",
    example: "RUN apt-get update \\\n    && apt-get install -y curl",
  },
  "idiom:apt-get-install": {
    text: "Installs Debian packages. “-y” answers the question that nobody can answer during a build. Base images hold no package lists, so “apt-get update” has to come right before, in the same RUN.",
  },
  "idiom:no-install-recommends": {
    text: "Leaves out packages that are recommended but not needed. The image becomes smaller.",
  },
  "idiom:remove-apt-lists": {
    text: "Removes the package lists again. It helps in the same RUN only: what an earlier layer holds stays in the image even when a later one deletes it.",
  },
  "idiom:apk-add": {
    text: "Installs packages on Alpine. “--no-cache” keeps the package index out of the image.",
  },
  "idiom:pip-install": {
    text: "Installs Python packages. “--no-cache-dir” keeps the downloads out of the image; a cache mount keeps them outside, for the next build.",
  },
  "idiom:npm-install": {
    text: "Installs Node packages. “npm ci” takes exactly what package-lock.json names, and fails when the two files don't fit each other.",
  },
  "idiom:set-options": {
    text: "Makes the shell strict: -e ends at the first command that fails, -u at a variable that is not set, -x shows each command.",
  },
  "idiom:pipefail": {
    text: "Without it a pipeline counts as successful when its last command is, whatever happened before. It is an option of bash, which SHELL has to name.",
  },
  "idiom:and-chain": {
    text: "Runs the next command only when the one before succeeded. Commands of one RUN make one layer, so what is deleted at the end never was in the image.",
  },
  "idiom:curl-to-shell": {
    text: "Runs whatever the server sends, as root. Better: download a file, compare its checksum (ADD --checksum does), then run it.",
  },
  "idiom:chmod-executable": {
    text: "Lets a file be started. COPY --chmod=755 does it without another layer that holds the file a second time.",
  },
  "idiom:chmod-everything": {
    text: "Lets everybody write. It hides the real question, which user the program runs as; USER and COPY --chown answer that.",
  },
  "idiom:add-user": { text: "Makes a user, so that USER can let the program run without root." },
  "idiom:copy-everything": {
    text: "Copies the whole build context. Any changed file makes this step and all later ones run again, so copy what rarely changes first; .dockerignore leaves out what does not belong.",
    example: "COPY package*.json ./\nRUN npm ci\nCOPY . .",
  },
  "idiom:copy-manifest": {
    text: "Copied alone and before everything else, so that the slow step of installing comes from the cache for as long as the list of dependencies is the same.",
  },
  "idiom:add-url": {
    text: "Is downloaded during the build. --checksum makes sure that it is still the same file.",
  },
  "idiom:scratch": {
    text: "The empty image: no shell, no libraries, no files. For programs that need nothing else, such as a statically linked one.",
  },
  "idiom:latest-tag": {
    text: "Without a tag, “latest” is meant: whatever was published last. A tag such as node:18 makes tomorrow's build give the same as today's.",
  },
  "idiom:digest": {
    text: "The digest names the very bytes of an image. It never changes its meaning, as tags may.",
  },
  "idiom:stage-name": {
    text: "A stage can have a name. Others take files from it (COPY --from), stand on it (FROM), or it is the target of a build. What is in no stage that the target needs is not built.",
    example: "FROM gcc AS build",
  },
  "idiom:exec-form": {
    text: "The exec form, a JSON list: the program is started directly, without a shell. Only double quotes count. Variables are not replaced, and signals reach the program.",
    example: 'CMD ["node", "app.js"]',
  },
  "idiom:shell-form": {
    text: "The shell form: /bin/sh -c starts it, so variables and && work. The shell is process 1 then, and often does not pass on the signal to stop.",
  },
  "idiom:here-document": {
    text: "A here-document: the lines up to the closing word are the script of a RUN, or the text of a file that COPY writes. Variables are replaced unless the word is quoted.",
    example: "COPY <<EOF /etc/motd\nHello from $HOSTNAME\nEOF",
  },
  "idiom:variable": {
    text: `A variable of ARG or ENV. \${NAME:-text} gives text where it is not set.`,
  },
  "idiom:exec-arguments": {
    text: "The end of many start scripts: the shell is replaced by the container's command, which becomes process 1 and receives signals.",
  },
  "idiom:nginx-foreground": {
    text: "A container lives for as long as its main process. nginx would go to the background and the container would end; this keeps it in front.",
  },
  "idiom:non-interactive": {
    text: "Keeps the package manager from asking. As ENV it would stay in the container; in front of the command, or as ARG, it holds for the build alone.",
  },
  "idiom:unbuffered-python": {
    text: "Python writes its output at once, so that the terminal and logs show it when it happens.",
  },
  "idiom:secret-file": {
    text: "Where a secret lies for the time of this one RUN, when --mount=type=secret asks for it.",
  },
} as const satisfies Readonly<Record<Extract<Topic, `idiom:${string}`>, Explanation>>;
