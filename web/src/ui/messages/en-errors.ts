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
  "copy-source-missing":
    "{path, select, none {A file to copy is not there.} other {{path} is not among the files of this playground, so it can’t be copied.}}",
  "copy-source-outside":
    "{path, select, none {A path leads outside the playground’s files.} other {{path} leads outside the playground’s files.}}",
  "context-invalid": "The playground’s files could not be handed to the build.",
  "context-too-large": "The playground’s files are too large for a build.",
  "run-failed":
    "{exitCode, select, none {The command failed.} other {The command ended with exit code {exitCode}.}} Its output above says why.",
  "user-unknown":
    "{user, select, none {The user that USER names does not exist in the image.} other {The user {user} does not exist in the image.}}",
  "build-cancelled": "The build was cancelled.",
  "build-timeout": "The build took longer than it may, and was stopped.",
  "build-log-too-large": "The build wrote more output than is kept, and was stopped.",
  "image-missing": "The image is not there any more. Build again.",
  "session-missing": "The session is over.",
  "terminal-missing": "The terminal is closed.",
  "command-not-found":
    "{command, select, none {The command to start does not exist in the image.} other {The image has no {command} to start.}}",
  "terminal-limit": "This session has as many terminals as it may have.",
  "session-limit": "You have as many sessions running as you may. Stop one and launch again.",
  "ticket-invalid": "The ticket for this was not accepted. Reload the page.",
  "ticket-expired": "The ticket for this has expired. Reload the page.",
  forbidden: "This is not yours to change.",
  "not-signed-in": "You are not signed in any more. Reload the page.",
  "playground-missing": "This playground does not exist, or belongs to someone else.",
  "build-missing": "This build does not exist any more.",
  "file-name-invalid": "This file name can’t be used.",
  "files-too-large": "The file, or all files together, are larger than a playground may be.",
  "request-invalid": "The server did not understand this request. Reload the page and try again.",
  "rate-limited": "That was a little too often. Wait a moment and try again.",
  "no-worker": "No worker is connected at the moment. Try again in a while.",
  "worker-full": "All places are taken at the moment. Try again in a while.",
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
