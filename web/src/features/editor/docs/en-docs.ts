import type { Docs } from "./docs.ts";
import { enFlags } from "./en-flags.ts";
import { enIdioms } from "./en-idioms.ts";

/** Instructions and parser directives; flags and idioms are in files of their own. */
export const docs: Docs = {
  "instruction:FROM": {
    text: "Begins a stage on a base image: its files and settings are what the following instructions build on. The image is pulled when this worker does not have it.",
    example: "FROM node:18 AS build",
  },
  "instruction:RUN": {
    text: "Runs a command while the image is built, and keeps the files that it changed as a new layer. It does not run when a container starts; that is what CMD and ENTRYPOINT are for.",
    example: "RUN apt-get update \\\n    && apt-get install -y curl",
  },
  "instruction:CMD": {
    text: "What a container runs by default. Whoever starts a container can replace it. Next to an ENTRYPOINT it gives the default arguments. Only the last CMD of a stage counts.",
    example: 'CMD ["node", "app.js"]',
  },
  "instruction:LABEL": {
    text: "Notes facts about the image as names with values: who made it, where its source is. They change nothing in the files.",
    example: 'LABEL org.opencontainers.image.source="https://example.com/app"',
  },
  "instruction:MAINTAINER": {
    text: "Names the author. It is out of use; a LABEL says the same and more.",
    example: 'LABEL org.opencontainers.image.authors="Ann"',
  },
  "instruction:EXPOSE": {
    text: "Tells which ports the program inside listens on. It opens nothing by itself: it is a note to people and tools. Slipway offers the port beside the terminal once something listens there.",
    example: "EXPOSE 8080",
  },
  "instruction:ENV": {
    text: "Sets environment variables, for all later instructions of the stage and for every container. They stay readable in the image, so they are no place for secrets.",
    example: "ENV NODE_ENV=production PORT=8080",
  },
  "instruction:ADD": {
    text: "Copies files like COPY, and does two things more: it unpacks local tar archives and fetches URLs and Git repositories. Where you need neither, COPY says more clearly what happens.",
    example: "ADD site.tar.gz /srv/",
  },
  "instruction:COPY": {
    text: "Copies files of the build context, or of another stage, into the image. Paths on the left start at the context's root; nothing outside of it can be reached, nor what .dockerignore leaves out.",
    example: "COPY package.json ./\nCOPY --from=build /app/dist ./dist",
  },
  "instruction:ENTRYPOINT": {
    text: "The program that a container always starts. CMD, or what is written behind the image's name, becomes its arguments. As a JSON list it runs directly and receives signals such as “stop”.",
    example: 'ENTRYPOINT ["node", "app.js"]',
  },
  "instruction:VOLUME": {
    text: "Marks a directory whose contents live outside of the container's writable layer. What later build steps write there may be lost, so it comes last.",
    example: "VOLUME /data",
  },
  "instruction:USER": {
    text: "The user that later RUN steps and the container run as. Without it that is root. A program that needs no root should not have it.",
    example: "USER node",
  },
  "instruction:WORKDIR": {
    text: "The directory that later instructions work in and that the container starts in. It is made when it does not exist. A “cd” in a RUN holds for that one RUN only.",
    example: "WORKDIR /app",
  },
  "instruction:ARG": {
    text: "A variable for the time of the build, with a default that “--build-arg” can replace. It is gone in the container. Before the first FROM it can be used in FROM alone; a stage that needs it declares it again.",
    example: "ARG VERSION=18\nFROM node:$VERSION",
  },
  "instruction:ONBUILD": {
    text: "Stores an instruction that is carried out later: when another Dockerfile has this image in its FROM.",
    example: "ONBUILD COPY . /app",
  },
  "instruction:STOPSIGNAL": {
    text: "The signal that asks the container's program to end. Without it that is SIGTERM.",
    example: "STOPSIGNAL SIGQUIT",
  },
  "instruction:HEALTHCHECK": {
    text: "A command that is run inside the container again and again. It ends with 0 while all is well and with 1 when it is not, so a program that hangs is seen.",
    example: "HEALTHCHECK --interval=30s CMD curl -f http://localhost:8080/ || exit 1",
  },
  "instruction:SHELL": {
    text: "The shell that starts commands in shell form from here on. Without it that is /bin/sh -c.",
    example: 'SHELL ["/bin/bash", "-o", "pipefail", "-c"]',
  },
  "directive:syntax": {
    text: "Names the version of the Dockerfile language. It has to stand at the very top. Slipway's builder knows the language of docker/dockerfile:1.",
    example: "# syntax=docker/dockerfile:1",
  },
  "directive:escape": {
    text: "Changes the character that continues a line, from \\ to `. Dockerfiles for Windows use it because of their paths.",
    example: "# escape=`",
  },
  "directive:check": {
    text: "Says which build checks are left out, and whether a warning makes the build fail.",
    example: "# check=skip=JSONArgsRecommended;error=true",
  },
  ...enFlags,
  ...enIdioms,
};
