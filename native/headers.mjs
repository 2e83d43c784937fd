import { existsSync, realpathSync } from "node:fs";
import path from "node:path";

/**
 * Where the headers of Node-API are: with the running Node, usually. node-gyp downloads them unless it is told.
 * @returns {string | undefined}
 */
export function headersPrefix() {
  const prefixes = [
    path.resolve(process.execPath, "../.."),
    path.resolve(realpathSync(process.execPath), "../.."),
    "/usr",
  ];
  return prefixes.find((prefix) => existsSync(path.join(prefix, "include/node/node_api.h")));
}
