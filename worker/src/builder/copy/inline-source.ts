import { digestOf } from "../../content/digest.ts";
import { ContextTree } from "../source/context-tree.ts";
import type { CopySource } from "./copy-source.ts";

const MODE = 0o644;

/** A here-document of COPY, its variables expanded. */
export function inlineSource(name: string, text: string): CopySource {
  const content = Buffer.from(text);
  return {
    files: new Map([[`<<${name}`, `file ${MODE.toString(8)} ${digestOf(content)}`]]),
    open: async () => {
      const tree = new ContextTree();
      tree.addFile("document", content, MODE, Math.floor(Date.now() / 1000));
      const node = tree.lstat("document");
      const entries = node ? [{ path: "", source: "document", node, overwrites: true }] : [];
      return { tree, name, isDirectory: false, entries, unpack: false };
    },
  };
}
