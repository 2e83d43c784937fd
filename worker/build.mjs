// Bundles the worker for production: one file for each thread; the addon and the shim stay in native/.
import path from "node:path";
import { build } from "esbuild";

const root = import.meta.dirname;

await build({
  entryPoints: {
    main: path.join(root, "src/main.ts"),
    "screen-thread": path.join(root, "src/terminal/screen/screen-thread.ts"),
  },
  outdir: path.join(root, "dist"),
  outExtension: { ".js": ".mjs" },
  bundle: true,
  platform: "node",
  target: "node20",
  format: "esm",
  // CommonJS packages inside an ES module bundle call require().
  banner: {
    js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
  },
  logLevel: "warning",
});
