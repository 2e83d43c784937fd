import type { Topic } from "@slipway/dockerfile";
import type { Explanation } from "./docs.ts";

const OWNER =
  "The owner of the copied files, as user:group, by name or number. Without it they belong to root.";
const MODE =
  "The permissions of the copied files: octal, or symbolic as for chmod. A script that is to be started needs 755.";
const LINK =
  "Makes the copied files a layer that does not depend on those below. When the base image changes, the layer can be used again as it is.";
const EXCLUDE = "A pattern of files that are not copied, as in .dockerignore. It may be given several times.";

/** Flags, and the types of RUN --mount. */
export const enFlags = {
  "flag:FROM.platform": {
    text: "The platform of the base image. It is needed where an image for another kind of processor is built; $BUILDPLATFORM is the one of the machine that builds.",
    example: "FROM --platform=$BUILDPLATFORM golang AS build",
  },
  "flag:RUN.mount": {
    text: "Makes files available to this one command, without leaving them in the image: a cache, a secret, files of another stage.",
    example: "RUN --mount=type=cache,target=/root/.npm npm ci",
  },
  "flag:RUN.network": {
    text: "The network of this command. “none” proves that it downloads nothing.",
    example: "RUN --network=none make",
  },
  "flag:RUN.security": {
    text: "Whether the command runs behind the usual walls. “insecure” is not given here.",
  },
  "flag:RUN.device": { text: "Gives the command a device of the machine. That is not supported here." },
  "flag:COPY.from": {
    text: "Takes the files from another stage, by name or number, or from an image, instead of the build context. This is how a small image gets the result of a large one.",
    example: "COPY --from=build /app/hello /hello",
  },
  "flag:COPY.chown": { text: OWNER, example: "COPY --chown=node:node . /app" },
  "flag:COPY.chmod": { text: MODE, example: "COPY --chmod=755 start.sh /" },
  "flag:COPY.link": { text: LINK },
  "flag:COPY.parents": {
    text: "Keeps the directories on the way to each source, so that a/b/c.txt stays a/b/c.txt.",
    example: "COPY --parents src/*/package.json ./",
  },
  "flag:COPY.exclude": { text: EXCLUDE, example: "COPY --exclude=*.md . /app" },
  "flag:ADD.chown": { text: OWNER },
  "flag:ADD.chmod": { text: MODE },
  "flag:ADD.link": { text: LINK },
  "flag:ADD.exclude": { text: EXCLUDE },
  "flag:ADD.checksum": {
    text: "What the downloaded bytes have to be. The build fails when the server sends something else.",
    example: "ADD --checksum=sha256:24454f83… https://example.com/tool.tar.gz /",
  },
  "flag:ADD.keep-git-dir": { text: "Keeps the directory .git of a repository that is added." },
  "flag:ADD.unpack": {
    text: "Whether archives are unpacked. Without it local ones are, and downloaded ones are not.",
  },
  "flag:HEALTHCHECK.interval": { text: "Time between two checks; 30s by default." },
  "flag:HEALTHCHECK.timeout": { text: "A check that takes longer has failed; 30s by default." },
  "flag:HEALTHCHECK.start-period": {
    text: "Time that the program has to start; failed checks don't count until then.",
  },
  "flag:HEALTHCHECK.start-interval": {
    text: "Time between two checks during the start period; 5s by default.",
  },
  "flag:HEALTHCHECK.retries": {
    text: "Checks that have to fail one after the other until the container counts as unhealthy; 3 by default.",
  },
  "mount:bind": {
    text: "type=bind: files of the context, or of the stage or image in “from”, are there for the command and can't be changed for good.",
    example: "RUN --mount=type=bind,target=/src make -C /src install",
  },
  "mount:cache": {
    text: "type=cache: a directory that outlives the build, for what would be downloaded again otherwise. It never becomes part of the image.",
    example: "RUN --mount=type=cache,target=/root/.cache/pip pip install -r requirements.txt",
  },
  "mount:tmpfs": { text: "type=tmpfs: an empty directory in memory, gone after the command." },
  "mount:secret": {
    text: "type=secret: a secret of this build as a file below /run/secrets. It is in no layer and no log. The build options ask for its value.",
    example: "RUN --mount=type=secret,id=token cat /run/secrets/token",
  },
  "mount:ssh": {
    text: "type=ssh: the command can use an ssh key of this build without seeing it, for example to clone a private repository.",
  },
} as const satisfies Readonly<Record<Extract<Topic, `flag:${string}` | `mount:${string}`>, Explanation>>;
