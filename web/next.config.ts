import path from "node:path";
import type { NextConfig } from "next";

const repository = path.join(import.meta.dirname, "..");

const config: NextConfig = {
  output: "standalone",
  outputFileTracingRoot: repository,
  turbopack: { root: repository },
  transpilePackages: ["@slipway/protocol", "@slipway/dockerfile"],
  reactStrictMode: true,
  poweredByHeader: false,
  // npm run check looks at types, of everything and with this repository's own compiler.
  typescript: { ignoreBuildErrors: true },
};

export default config;
