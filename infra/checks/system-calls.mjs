import { readFileSync } from "node:fs";
import path from "node:path";

/* Every system call of native/ that Node has no like of is listed with its reason, and nothing is listed that is not there. */

/** Each binary: where its sources are, and the document and heading that its table stands under. */
const BINARIES = [
  { sources: "native/addon/", document: "native/README.md", heading: "System calls of the addon" },
  { sources: "native/launch/", document: "native/README.md", heading: "System calls of slipway-launch" },
  { sources: "native/shim/src/", document: "native/shim/README.md", heading: "System calls" },
  { sources: "native/keeper/", document: "native/keeper/README.md", heading: "System calls" },
];

/** System calls by their man pages' names, but for open, close, read, write, stat and their like, which need no reason. */
const CALLS =
  /(?<![\w.>])(?:::|SYS_)?(accept4|bind|capget|capset|clone|close_range|copy_file_range|execve|execvp|fallocate|fchmodat|fchownat|fdatasync|fexecve|fgetxattr|flistxattr|fork|fsconfig|fsetxattr|fsmount|fsopen|ioctl|lgetxattr|linkat|listen|llistxattr|lsetxattr|madvise|memfd_create|mkdirat|mknod|mknodat|mmap|mount|mount_setattr|move_mount|open_tree|openat2|pipe2|poll|posix_spawn|prctl|recvmsg|rename|renameat|sendfile|sendmsg|setfsgid|setfsuid|setgroups|setns|setresgid|setresuid|setsid|signalfd|socket|statx|symlinkat|umount2|unlinkat|unshare|utimensat)\b(?=\s*[(,])/g;

/**
 * @param {string} root
 * @param {string[]} files of the clone
 * @returns {string[]} a line per problem
 */
export function checkSystemCalls(root, files) {
  return BINARIES.flatMap(({ sources, document, heading }) => {
    const used = callsOf(
      root,
      files.filter((file) => file.startsWith(sources)),
    );
    const listed = listedUnder(readFileSync(path.join(root, document), "utf8"), heading);
    return [
      ...[...used].filter((call) => !listed.has(call)).map((call) => `${document} has no reason for ${call}`),
      ...[...listed].filter((call) => !used.has(call)).map((call) => `${document} lists ${call}, unused`),
    ];
  });
}

/** @param {string} root @param {string[]} files */
function callsOf(root, files) {
  const code = files
    .filter((file) => /\.(cc|h)$/.test(file))
    .map((file) => readFileSync(path.join(root, file), "utf8").replace(/\/\/.*$/gm, ""));
  return new Set([...code.join("\n").matchAll(CALLS)].map(([, call]) => call ?? ""));
}

/** Of each row's first cell, what stands in backticks. @param {string} text @param {string} heading */
function listedUnder(text, heading) {
  const section = text.split(/^## /m).find((part) => part.startsWith(heading)) ?? "";
  const cells = [...section.matchAll(/^\| ([^|]*) \|/gm)].map((match) => match[1] ?? "");
  const words = [...cells.join(" ").matchAll(/`([^`]+)`/g)].map((match) => `${match[1]} (`);
  return new Set(
    words.flatMap((word) => [...word.replace(/\(.*?\)/, "").matchAll(CALLS)].map(([, call]) => call ?? "")),
  );
}
