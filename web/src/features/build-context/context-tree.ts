import type { IgnoreFile, IgnoreRule } from "@slipway/dockerfile";

export interface SizedFile {
  readonly path: string;
  readonly bytes: number;
}

export interface ContextFileNode extends SizedFile {
  readonly kind: "file";
  readonly name: string;
  /** Whether it goes into the build. */
  readonly sent: boolean;
  /** The rule that left it out or brought it back; null where no rule is about it. */
  readonly rule: IgnoreRule | null;
}

export interface ContextFolderNode {
  readonly kind: "folder";
  readonly name: string;
  readonly path: string;
  /** Of what goes into the build, and of what does not. */
  readonly sent: Sum;
  readonly leftOut: Sum;
  /** The one rule that leaves out all that is in it; null where there are several, or something goes. */
  readonly rule: IgnoreRule | null;
  /** Folders first, each by name. */
  readonly children: readonly ContextNode[];
}

export type ContextNode = ContextFileNode | ContextFolderNode;

export interface Sum {
  readonly files: number;
  readonly bytes: number;
}

/** Folders that are made on each machine anew, or hold what no image needs. */
const SELDOM_MEANT: ReadonlySet<string> = new Set([
  ...["node_modules", ".git", ".svn", ".venv", "venv", "__pycache__", ".pytest_cache", ".mypy_cache"],
  ...[".next", ".cache", ".terraform", ".gradle", ".idea", ".vscode", "target", "coverage"],
]);

export interface ContextView {
  readonly root: ContextFolderNode;
  /** The largest files that go into the build, the largest first. */
  readonly largest: readonly ContextFileNode[];
  /** Folders that go into the build and seldom should. */
  readonly doubtful: readonly ContextFolderNode[];
}

/** Files that `largest` has. */
const MOST_LARGEST = 5;

/** Which files of a playground go into a build, judged by the builder's own rules. */
export function contextView(files: readonly SizedFile[], ignoreFile: IgnoreFile | null): ContextView {
  const nodes = files.map((file): ContextFileNode => {
    const { ignored, rule } = ignoreFile?.judge(file.path) ?? { ignored: false, rule: null };
    const name = file.path.slice(file.path.lastIndexOf("/") + 1);
    return { kind: "file", ...file, name, sent: !ignored, rule };
  });
  const root = folderOf("", "", nodes);
  return {
    root,
    largest: nodes
      .filter(({ sent }) => sent)
      .sort((left, right) => right.bytes - left.bytes)
      .slice(0, MOST_LARGEST),
    doubtful: doubtfulIn(root),
  };
}

/** `files` are all below the folder. */
function folderOf(path: string, name: string, files: readonly ContextFileNode[]): ContextFolderNode {
  const start = path === "" ? 0 : path.length + 1;
  const below = new Map<string, ContextFileNode[]>();
  const own: ContextFileNode[] = [];
  for (const file of files) {
    const slash = file.path.indexOf("/", start);
    if (slash < 0) own.push(file);
    else {
      const folder = file.path.slice(start, slash);
      const known = below.get(folder);
      if (known) known.push(file);
      else below.set(folder, [file]);
    }
  }
  const folders = [...below].map(([child, inside]) =>
    folderOf(path === "" ? child : `${path}/${child}`, child, inside),
  );
  const rules = new Set(files.map(({ sent, rule }) => (sent ? null : rule)));
  const [rule = null] = rules.size === 1 ? rules : [];
  return {
    kind: "folder",
    name,
    path,
    sent: sumOf(files.filter(({ sent }) => sent)),
    leftOut: sumOf(files.filter(({ sent }) => !sent)),
    rule,
    children: [...folders.sort(byName), ...own.sort(byName)],
  };
}

const byName = (left: ContextNode, right: ContextNode): number =>
  left.name < right.name ? -1 : left.name > right.name ? 1 : 0;

const sumOf = (files: readonly SizedFile[]): Sum => ({
  files: files.length,
  bytes: files.reduce((sum, { bytes }) => sum + bytes, 0),
});

function doubtfulIn({ children }: ContextFolderNode): ContextFolderNode[] {
  return children.flatMap((child) => {
    if (child.kind === "file" || child.sent.files === 0) return [];
    return SELDOM_MEANT.has(child.name) ? [child] : doubtfulIn(child);
  });
}

/** The ignore file's text with one more rule in a line of its own. */
export function withRule(text: string, pattern: string): string {
  return `${text}${text === "" || text.endsWith("\n") ? "" : "\n"}${pattern}\n`;
}
