import type { ErrorCode } from "@slipway/protocol";

/**
 * One sentence per error code. A placeholder that the error does not carry arrives as `none`, so sentences that name
 * something say what to do when it is unknown.
 */
export const enErrors = {
  "dockerfile-invalid": "The Dockerfile can’t be read as it stands.",
  "dockerfile-missing": "There is no file called Dockerfile. Add one and build again.",
  "instruction-unsupported":
    "{instruction, select, none {The Dockerfile uses an instruction that Slipway does not know yet.} other {Slipway does not know the instruction {instruction} yet.}}",
  "base-image-missing":
    "{reference, select, none {The base image could not be found.} other {The base image {reference} could not be found. Check its name and tag.}}",
  "base-image-failed":
    "{reference, select, none {The base image could not be fetched.} other {The base image {reference} could not be fetched.}} Try again in a while.",
  "ignore-file-invalid":
    "{path, select, none {A pattern of .dockerignore can’t be read.} other {A pattern of .dockerignore can’t be read ({path}).}} Correct it and build again.",
  "copy-source-missing":
    "{path, select, none {A file to copy is not there.} other {{path} is not among the files of this playground, so it can’t be copied.}}",
  "copy-source-outside":
    "{path, select, none {A path leads outside the playground’s files.} other {{path} leads outside the playground’s files.}}",
  "context-invalid": "The playground’s files could not be handed to the build.",
  "context-too-large": "The playground’s files are too large for a build.",
  "run-failed":
    "{limit, select, memory {The command needed more memory than a build may use ({allowed} bytes), and the kernel ended it.} pids {The command started more processes than a build may have ({allowed}).} other {{exitCode, select, none {The command failed.} other {The command ended with exit code {exitCode}.}} Its output says why.}}",
  "user-unknown":
    "{user, select, none {The user that USER names does not exist in the image.} other {The user {user} does not exist in the image.}}",
  "build-cancelled": "The build was cancelled.",
  "build-timeout": "The build took longer than it may, and was stopped.",
  "build-disk-full":
    "{what, select, cache {The cache mounts of a playground are full: they may hold {limit} bytes together. They are tidied before the next build.} other {{limit, select, none {The build wrote more than a build may.} other {The build wrote more than a build may: {limit} bytes in all its steps.}}}}",
  "build-log-too-large": "The build wrote more output than is kept, and was stopped.",
  "step-state-gone":
    "The files of this step are not kept any more. Build again, then a terminal can be opened there.",
  "stage-missing":
    "{target, select, none {The stage to build does not exist.} other {The Dockerfile has no stage called {target}.}}",
  "secret-missing":
    "{id, select, none {A secret that the build needs was not given.} other {The build needs the secret {id}, which was not given.}}",
  "checksum-mismatch":
    "{source, select, none {A fetched file is not the one that --checksum names.} other {{source} is not the file that --checksum names.}}",
  "fetch-failed":
    "{source, select, none {A file could not be fetched.} other {{source} could not be fetched.}}",
  "archive-invalid":
    "{path, select, none {An archive can’t be unpacked.} other {The archive {path} can’t be unpacked.}}",
  "entitlement-refused":
    "{what, select, none {The Dockerfile asks for a right that builds don’t have here.} other {Builds may not use {what} here.}}",
  "image-invalid":
    "{reference, select, none {The image is broken.} other {The image {reference} is broken.}} What the registry sent is not what it promised.",
  "image-too-large":
    "{reference, select, none {The image is larger than images may be here.} other {The image {reference} is larger than images may be here.}}",
  "registry-unauthorized":
    "{registry, select, none {The registry asks for a login.} other {{registry} asks for a login, or this login may not do that.}}",
  "registry-address-refused":
    "{registry, select, none {The registry lies at an address that can’t be used.} other {{registry} lies at an address that can’t be used from here.}}",
  "registry-unreachable":
    "{registry, select, none {The registry can’t be reached.} other {{registry} can’t be reached.}} Try again in a while.",
  "registry-failed":
    "{registry, select, none {The registry gave an answer that makes no sense.} other {{registry} gave an answer that makes no sense.}}",
  "registry-busy":
    "{registry, select, none {The registry is busy.} other {{registry} is busy.}} Try again in a while.",
  "registry-host-invalid":
    "{registry, select, none {This is not the host name of a registry.} other {{registry} is not the host name of a registry.}} Write it as in docker login: registry.example or 10.0.0.5:5000.",
  "registry-login-limit": "You are logged in to as many registries as you may be. Remove one first.",
  "platform-missing":
    "{reference, select, none {The image is not made for this machine.} other {The image {reference} is not made for this machine’s processor.}}",
  "image-in-use": "{reference, select, none {The image is in use.} other {The image {reference} is in use.}}",
  "store-full": "The worker’s store of images is full, and all of it is in use.",
  "file-missing": "{path, select, none {The file is not in the image.} other {{path} is not in the image.}}",
  "file-too-large":
    "{path, select, none {The file is too large to be shown.} other {{path} is too large to be shown.}}",
  "image-missing": "The image is not there any more. Build again.",
  "images-apart":
    "The two images are on different workers, so they can’t be compared. Build again and compare then.",
  "session-missing": "The session is over.",
  "terminal-missing": "The terminal is closed.",
  "session-not-running": "The session is not running.",
  "session-files-gone": "What the session wrote is not kept any more.",
  "session-disk-full": "The session’s disk is full. Delete something in the container, and try again.",
  "container-path-missing":
    "{path, select, none {There is no such thing in the container.} other {{path} is not in the container.}}",
  "container-path-invalid":
    "{path, select, none {This can’t be done with this path.} other {This can’t be done with {path} in the container.}}",
  "upload-too-large":
    "A file may have {limit, select, none {a certain size} other {{limit} MiB}}. Larger ones the container can fetch by itself, with wget or curl.",
  "download-too-large":
    "{limit, select, none {This is too much for one download.} other {One download may have {limit} MiB and 20,000 files.}} Go into a folder and take it piece by piece.",
  "recording-missing": "Nothing has been recorded in this terminal.",
  "link-missing": "This link is not valid any more. Ask its owner for a new one.",
  "link-limit": "This session has as many links as it may have. Revoke one first.",
  "saved-image-limit": "The playground has as many saved images as it may have. Delete one first.",
  "command-not-found":
    "{command, select, none {The command to start does not exist in the image.} other {The image has no {command} to start.}}",
  "terminal-limit": "This session has as many terminals as it may have.",
  "session-limit": "You have as many sessions running as you may. Stop one and launch again.",
  "container-missing": "There is no such container in this session.",
  "container-conflict": "The container is not in a state, or has not a name, with which this can be done.",
  "container-limit": "This session has as many containers as it may.",
  "volume-limit": "This session has as many volumes as it may.",
  "container-refused": "A container of a session may not have what was asked for.",
  "network-missing": "There is no such network in this session.",
  "build-limit":
    "You have started as many builds in this hour as you may{limit, select, none {} other { ({limit})}}. Try again later.",
  "ticket-invalid": "The ticket for this was not accepted. Reload the page.",
  "ticket-expired": "The ticket for this has expired. Reload the page.",
  forbidden: "This is not yours to change.",
  "frame-refused": "This page does not want to be shown inside of another one. Open it in a tab of its own.",
  "sign-in-failed": "The address or the password is not right.",
  "sign-in-unavailable": "The sign-in service does not answer at the moment. Try again in a while.",
  "email-taken": "There is an account with this address already. Sign in instead.",
  "operator-code-wrong": "This is not the operator’s code.",
  "not-signed-in": "You are not signed in any more. Reload the page.",
  "user-missing": "There is no such account any more.",
  "playground-missing": "This playground does not exist, or belongs to someone else.",
  "playground-in-use": "A session or a build of this playground is still under way. Stop it first.",
  "version-missing": "This version is not there any more. The oldest ones go when there are many.",
  "build-missing": "This build does not exist any more.",
  "file-name-invalid": "This file name can’t be used.",
  "files-too-large":
    "{what, select, file {This file is too large: one file may have {limit} MiB.} text {This text is too large: one that is edited here may have {limit} MiB. Upload it as a file, or make it smaller.} playground {That would be too much: all files of a playground together may have {limit} MiB.} zip {This zip is too large: one may have {limit} MiB.} files {That would be too many: a playground may have {limit} files and folders.} playgrounds {You have {limit} playgrounds, which is the most. Delete one that you don’t need.} other {The file, or all files together, are larger than a playground may be.}}",
  "request-invalid": "The server did not understand this request. Reload the page and try again.",
  "rate-limited": "That was a little too often. Wait a moment and try again.",
  "no-worker": "No worker is connected at the moment. Try again in a while.",
  "worker-full": "All places are taken at the moment. Try again in a while.",
  "worker-busy": "The worker has too much to do to answer right now. Try again in a moment.",
  "worker-missing": "There is no such worker any more.",
  "worker-lost": "The connection to the worker was lost.",
  "join-refused": "A worker was refused, because it does not hold the right token.",
  "protocol-version": "The page and the server are of different versions. Reload the page.",
  "cgroups-missing": "The machine can’t limit containers (no cgroups). Tell whoever runs it.",
  "overlay-missing": "The machine can’t stack layers (no overlayfs). Tell whoever runs it.",
  "idmap-missing":
    "The machine can’t separate users of containers (no idmapped mounts). Tell whoever runs it.",
  "runtime-missing": "The machine has no container runtime. Tell whoever runs it.",
  "runtime-failed": "The container runtime could not start the container.",
  "network-failed": "The container’s network could not be made.",
  "disk-full": "The disk of the machine is full. Tell whoever runs it.",
  "store-corrupt": "Stored image data is damaged. Build again without the cache.",
  "port-unreachable":
    "{port, select, none {Nothing answers on this port.} other {Nothing answers on port {port}.}}",
  internal: "Something broke on our side. Try again.",
} as const satisfies Record<ErrorCode, string>;
