const { readdirSync, readFileSync } = require("node:fs");

/** The folders of worker/src, from top to bottom. A file may import its own folder and the layers below, never beside or up. */
const WORKER_LAYERS = [
  ["main\\.ts", "image-sources\\.ts", "machine\\.ts"],
  ["agent/", "gateway/", "engine-api/"],
  ["builder/", "session/"],
  ["image-store/", "terminal/", "keeper/"],
  ["runtime/", "network/"],
  ["layer/", "registry/"],
  ["snapshot/"],
  ["content/", "disk/", "cgroup/"],
  ["oci/", "outbound/"],
  ["process/"],
];

/** Tests, and what only tests stand on. */
const TESTS =
  "\\.(test|kernel\\.test|db\\.test)\\.tsx?$|-conformance\\.ts$|-fixture\\.ts$|/(test|conformance)-[^/]+\\.ts$|(^|/)testdata/";

/** @param {string[]} folders */
const below = (folders) => `^worker/src/(${folders.join("|")})`;

const workerLayerRules = WORKER_LAYERS.slice(1).flatMap((folders, index) =>
  folders.map((folder) => ({
    name: `worker-layers-${folder.replace("/", "")}`,
    comment: `worker/src/${folder} may import only itself and the layers below it.`,
    severity: "error",
    from: { path: below([folder]), pathNot: TESTS },
    to: { path: below([...WORKER_LAYERS.slice(0, index + 2).flat(), "env\\.ts"]), pathNot: below([folder]) },
  })),
);

/**
 * Files that hold an adapter: a class that says which interface it implements. Paths are relative to the directory that is
 * checked, which is the working directory.
 * @param {string} directory
 * @returns {string[]}
 */
function adapters(directory) {
  return readdirSync(directory, { withFileTypes: true }).flatMap((entry) => {
    const file = `${directory}/${entry.name}`;
    if (entry.isDirectory()) return adapters(file);
    if (!/\.ts$/.test(entry.name) || new RegExp(TESTS).test(file)) return [];
    const source = readFileSync(file, "utf8");
    return /^export class \w+(<.*>)? implements /m.test(source) ? [`^${file.replaceAll(".", "\\.")}$`] : [];
  });
}

const BROWSER = "^web/src/(pages|screens|features|ui|rpc)/";

/** @type {import("dependency-cruiser").IConfiguration} */
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      comment: "A cycle has no top to start reading from. Types may refer to each other.",
      severity: "error",
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ["type-only"] } },
    },
    {
      name: "nothing-unresolved",
      severity: "error",
      from: {},
      to: { couldNotResolve: true, pathNot: "^(\\./generated/|\\.next/|#)" },
    },
    {
      name: "folder-names",
      comment: "A folder is a noun of the domain.",
      severity: "error",
      from: {},
      to: { path: "^(?!.*node_modules).*/(utils?|helpers?|common|shared|lib|misc)/" },
    },
    {
      name: "protocol-stands-on-zod",
      comment: "The contract is used by both processes and the browser.",
      severity: "error",
      from: { path: "^worker/protocol/", pathNot: TESTS },
      to: { pathNot: "^worker/protocol/|(^|/)node_modules/zod/" },
    },
    {
      name: "dockerfile-is-pure",
      comment: "The language runs in the browser too.",
      severity: "error",
      from: { path: "^worker/dockerfile/", pathNot: TESTS },
      to: { pathNot: "^worker/dockerfile/" },
    },
    {
      name: "web-not-to-worker",
      severity: "error",
      from: { path: "^web/" },
      to: { path: "^(worker/src|native)/" },
    },
    {
      name: "worker-not-to-web",
      severity: "error",
      from: { path: "^(worker|native)/" },
      to: { path: "^(web|prisma|e2e|infra)/" },
    },
    {
      name: "native-not-to-worker",
      severity: "error",
      from: { path: "^native/" },
      to: { path: "^worker/" },
    },
    {
      name: "e2e-from-outside",
      comment: "Journeys know what a person knows, and the contract.",
      severity: "error",
      from: { path: "^e2e/" },
      to: { path: "^(web|worker/src|native|prisma)/" },
    },
    {
      name: "bootstrap-stands-on-node",
      comment: "It runs before the npm packages are there.",
      severity: "error",
      // test.mjs takes up the checks once the packages are there.
      from: { path: "^infra/bootstrap/", pathNot: `${TESTS}|/bootstrap/test\\.mjs$` },
      to: { pathNot: "^infra/bootstrap/", dependencyTypesNot: ["core", "type-only"] },
    },
    {
      name: "browser-takes-the-routers-type-only",
      severity: "error",
      from: { path: BROWSER, pathNot: TESTS },
      to: { path: "^web/src/control-plane/", pathNot: "^web/src/control-plane/router\\.ts$" },
    },
    {
      name: "browser-takes-no-code-of-the-router",
      severity: "error",
      from: { path: BROWSER },
      to: { path: "^web/src/control-plane/", dependencyTypesNot: ["type-only"] },
    },
    {
      name: "control-plane-not-to-browser",
      severity: "error",
      from: { path: "^web/src/control-plane/" },
      to: { path: BROWSER },
    },
    {
      name: "features-apart",
      severity: "error",
      from: { path: "^web/src/features/([^/]+)/" },
      to: { path: "^web/src/(pages|screens|features)/", pathNot: "^web/src/features/$1/" },
    },
    {
      name: "ui-knows-no-server",
      severity: "error",
      from: { path: "^web/src/ui/" },
      to: { path: "^web/src/(pages|screens|features|rpc)/" },
    },
    {
      name: "rpc-is-the-door",
      severity: "error",
      from: { path: "^web/src/rpc/" },
      to: { path: "^web/src/(pages|screens|features)/" },
    },
    {
      name: "only-db-imports-prisma",
      severity: "error",
      from: { path: "^(web|worker|e2e|infra|native)/", pathNot: "^web/src/control-plane/db/" },
      to: { path: "(^|/)node_modules/(\\.prisma|@prisma|prisma)/|^web/src/control-plane/db/generated/" },
    },
    {
      name: "adapters-come-from-main",
      comment: "Everything else gets them passed in.",
      severity: "error",
      from: { path: "^worker/src/([^/]+)/", pathNot: TESTS },
      to: {
        path: adapters("worker/src"),
        pathNot: "^worker/src/$1/",
        dependencyTypesNot: ["type-only"],
      },
    },
    ...workerLayerRules,
  ],
  options: {
    doNotFollow: { path: "node_modules" },
    exclude: {
      path: "^(web/dist|web/\\.next|worker/dist|native/build|test-results)/|^infra/checks/testdata/|/explanation/testdata/|/db/generated/[^/]+/|\\.css$",
    },
    // "specify" keeps imports of types, and tells them apart.
    tsPreCompilationDeps: "specify",
    combinedDependencies: true,
    enhancedResolveOptions: {
      exportsFields: ["exports"],
      conditionNames: ["import", "types", "node", "default"],
      extensions: [".ts", ".tsx", ".mjs", ".cjs", ".js", ".d.ts"],
    },
  },
};
