// Prints the C++ sources of a folder, one per line, for binding.gyp: gyp itself knows no wildcards.
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";

const folder = process.argv[2] ?? "";
const files = existsSync(folder) ? readdirSync(folder) : [];
for (const name of files.sort()) if (name.endsWith(".cc")) console.log(path.posix.join(folder, name));
