import { expect, test } from "vitest";
import { packageSources } from "./package-sources.ts";

function machine(files: Record<string, string>, environment: Record<string, string> = {}) {
  return {
    read: async (file: string) => {
      const text = files[file];
      if (text === undefined) throw new Error("ENOENT");
      return text;
    },
    list: async (directory: string) =>
      Object.keys(files).flatMap((file) =>
        file.startsWith(`${directory}/`) ? [file.slice(directory.length + 1)] : [],
      ),
    environment: { HOME: "/home/worker", ...environment },
  };
}

test("finds the hosts of apt's sources, of both formats, and not of disabled ones", async () => {
  const files = {
    "/etc/apt/sources.list":
      "# deb https://old.example/debian sid main\ndeb [signed-by=/x] http://apt.example:8080/debian sid main\n",
    "/etc/apt/sources.list.d/a.sources":
      "Types: deb\nURIs: https://Mirror.example/debian\n https://second.example/x\n",
    "/etc/apt/sources.list.d/b.list.disabled": "deb https://disabled.example/ sid main",
  };
  expect(await packageSources(machine(files))).toEqual(["apt.example", "mirror.example", "second.example"]);
});

test("finds the registries of npm and the indexes of pip, in files and in the environment", async () => {
  const files = {
    "/home/worker/.npmrc":
      "registry=https://npm.example/\n@team:registry = https://team.example/npm/\n//x:_authToken=1\n",
    "/etc/pip.conf":
      "[global]\nindex-url = https://pip.example/simple\nextra-index-url = https://more.example/simple\n",
  };
  const environment = { npm_config_registry: "https://env.example/", PIP_INDEX_URL: "not a url" };
  expect(await packageSources(machine(files, environment))).toEqual([
    "npm.example",
    "team.example",
    "pip.example",
    "more.example",
    "env.example",
  ]);
});

test("a machine without any has none", async () => {
  expect(await packageSources(machine({}))).toEqual([]);
});
