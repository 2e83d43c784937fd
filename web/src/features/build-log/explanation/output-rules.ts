import type { ExplanationKind } from "../../../ui/messages/explanations.ts";
import type { Explanation, Failure } from "./explain.ts";

/** What programs print when they fail. The first that fits counts; a group of the pattern is what the failure is about. */
interface Rule {
  readonly kind: ExplanationKind;
  readonly pattern: RegExp;
  /** Further things that have to be so. */
  readonly when?: (failure: Failure) => boolean;
}

/** Characters of a line that are looked at, so that no pattern has much to do. */
const LINE_CHARACTERS = 1000;

const says = (pattern: RegExp) => (failure: Failure) => pattern.test(failure.instruction ?? "");
const saysNot = (pattern: RegExp) => (failure: Failure) => !pattern.test(failure.instruction ?? "");
const UPDATES = /\bapt(-get)?\b[^&|;]*\bupdate\b/;

const APT: readonly Rule[] = [
  { kind: "name-lookup", pattern: /Temporary failure resolving '([^']+)'/ },
  {
    kind: "needs-root",
    pattern: /are you root\?|Permission denied\)$|requires superuser|must be run as root/,
  },
  { kind: "apt-without-update", pattern: /^E: Unable to locate package (\S+)/, when: saysNot(UPDATES) },
  {
    kind: "apt-package-unknown",
    pattern: /^E: (?:Unable to locate package|Couldn't find any package by \w+) (\S+)/,
  },
  {
    kind: "apt-without-update",
    pattern: /^E: Package '([^']+)' has no installation candidate/,
    when: saysNot(UPDATES),
  },
  { kind: "apt-package-unknown", pattern: /^E: Package '([^']+)' has no installation candidate/ },
  { kind: "apt-package-unknown", pattern: /^E: Version '[^']*' for '([^']+)' was not found/ },
  { kind: "apt-not-confirmed", pattern: /Do you want to continue\? \[Y\/n\] (?:Abort|$)/ },
  { kind: "apk-package-unknown", pattern: /^\s*(\S+) \(no such package\)/ },
  { kind: "apk-stand-in", pattern: /^apk is missing: this image stands in/ },
];

const LANGUAGES: readonly Rule[] = [
  { kind: "name-lookup", pattern: /\b(?:ENOTFOUND|EAI_AGAIN)\b/ },
  {
    kind: "npm-manifest-missing",
    pattern: /^npm (?:error|ERR!) .*Could not read package\.json|ENOENT.*package\.json/,
  },
  { kind: "npm-lock-missing", pattern: /^npm (?:error|ERR!).*`npm ci` (?:command )?can only install/ },
  { kind: "npm-script-missing", pattern: /^npm (?:error|ERR!) Missing script: "([^"]+)"/ },
  { kind: "npm-package-unknown", pattern: /^npm (?:error|ERR!) 404\s+'([^']+?)(?:@[^'@]*)?' is not in/ },
  { kind: "npm-package-unknown", pattern: /^npm (?:error|ERR!) 404 Not Found - GET \S+\/(\S+?) - / },
  {
    kind: "npm-package-unknown",
    pattern: /^npm (?:error|ERR!) notarget No matching version found for (\S+?)\.?$/,
  },
  {
    kind: "npm-conflict",
    pattern: /^npm (?:error|ERR!) (?:code ERESOLVE|Fix the upstream dependency conflict)/,
  },
  { kind: "npm-in-root", pattern: /^npm (?:error|ERR!) Tracker "idealTree" already exists/ },
  { kind: "port-taken", pattern: /EADDRINUSE: address already in use \S*:(\d+)/ },
  { kind: "node-module-missing", pattern: /Cannot find (?:module|package) '([^']+)'/ },
  {
    kind: "name-lookup",
    pattern: /Temporary failure in name resolution|Name or service not known|NameResolutionError/,
  },
  { kind: "pip-managed", pattern: /^error: externally-managed-environment/ },
  { kind: "pip-requirements-missing", pattern: /Could not open requirements file: .*'([^']+)'/ },
  { kind: "pip-package-unknown", pattern: /No matching distribution found for ([^\s=<>!~]+)/ },
  {
    kind: "python-module-missing",
    pattern: /^(?:ModuleNotFoundError|ImportError): No module named '?([\w.]+)/,
  },
  { kind: "compiler-header-missing", pattern: /fatal error: (\S+): No such file or directory/ },
  { kind: "linker-error", pattern: /undefined reference to [`'"]([^`'"]+)/ },
  { kind: "compiler-error", pattern: /^([^\s:]+\.\w+):\d+:\d+: (?:fatal )?error: / },
  {
    kind: "make-target-missing",
    pattern: /^make(?:\[\d+\])?: \*\*\* (?:No rule to make target|No targets specified)/,
  },
];

const SYSTEM: readonly Rule[] = [
  { kind: "disk-full", pattern: /No space left on device|ENOSPC/ },
  { kind: "memory", pattern: /Cannot allocate memory|JavaScript heap out of memory|^MemoryError/ },
  {
    kind: "name-lookup",
    pattern:
      /[Cc]ould not resolve host:? (\S+)|bad address '([^']+)'|unable to resolve host address .([^'’]+)/,
  },
  {
    kind: "name-lookup",
    pattern: /Temporary failure in name resolution|Name or service not known|Temporary failure resolving/,
  },
  {
    kind: "certificate",
    pattern:
      /SSL certificate problem|certificate verify failed|unable to get local issuer|self.signed certificate/i,
  },
  {
    kind: "download-missing",
    pattern: /returned error: 404|ERROR 404: Not Found|server returned error: HTTP\/\S+ 404/,
  },
  {
    kind: "no-connection",
    pattern: /Network is unreachable|Connection refused|Connection timed out|No route to host|ECONNREFUSED/,
  },
  { kind: "port-taken", pattern: /[Aa]ddress (?:already )?in use.*?:(\d+)/ },
];

const PROGRAMS: readonly Rule[] = [
  { kind: "line-ends", pattern: /(\S*)\^M: bad interpreter|'\w+\\r'|\$'\\r': command not found|env: .*\r/ },
  { kind: "exec-format", pattern: /[Ee]xec format error|cannot execute binary file|line \d+: \u007f?ELF/ },
  { kind: "json-form", pattern: /: (\[\S+): (?:command )?not found$/, when: says(/^\w+\s+\[/) },
  {
    kind: "script-not-executable",
    pattern: /(\/\S+): Permission denied$/,
    when: ({ exitCode }) => exitCode === 126,
  },
  {
    kind: "path-unknown",
    pattern: /(\/[^\s:]+): (?:not found|No such file or directory)$/,
    when: ({ exitCode }) => exitCode === 127,
  },
  { kind: "command-unknown", pattern: /(?:^|: )([^\s:/]+): (?:command )?not found$/ },
  { kind: "program-missing", pattern: /executable file [`"']?([^`"']+)[`"']? not found in \$PATH/ },
  {
    kind: "needs-root",
    pattern: /Operation not permitted$|only root can do that|must be (?:run as )?(?:super)?root/,
  },
  { kind: "permission-denied", pattern: /['"‘]([^'"’]+)['"’]?: Permission denied$/ },
  { kind: "permission-denied", pattern: /([^\s:'"]+): Permission denied$/ },
  {
    kind: "permission-denied",
    pattern: /EACCES: permission denied, \w+ '([^']+)'|Permission denied: '([^']+)'/,
  },
  {
    kind: "shell-syntax",
    pattern:
      /[Ss]yntax error: |syntax error near unexpected token|unexpected end of file|[Uu]nterminated quoted string/,
  },
  { kind: "file-missing", pattern: /['"‘]([^'"’]+)['"’]?: No such file or directory/ },
  { kind: "file-missing", pattern: /([^\s:'"]+): No such file or directory/ },
  {
    kind: "file-missing",
    pattern: /ENOENT: no such file or directory, \w+ '([^']+)'|FileNotFoundError: .*'([^']+)'/,
  },
];

const LAST: readonly Rule[] = [{ kind: "npm-failed", pattern: /^npm (?:error|ERR!)/ }];

const RULES: readonly Rule[] = [...APT, ...LANGUAGES, ...SYSTEM, ...PROGRAMS, ...LAST];

/** What the end of the output says, by the first rule that fits a line. */
export function ofOutput(failure: Failure): Explanation | null {
  const lines = failure.lastLines.map((line) => line.slice(0, LINE_CHARACTERS).trimEnd());
  for (const { kind, pattern, when } of RULES) {
    if (when && !when(failure)) continue;
    for (const line of lines) {
      const match = pattern.exec(line);
      if (match) return { kind, name: match.slice(1).find(Boolean) ?? "" };
    }
  }
  return null;
}
