import { execFileSync } from "node:child_process";
import {
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { mountOverlay, NativeError, openInRoot, openLayers, unmount } from "./index.ts";

const ids = { firstHostId: 1_900_000_000, size: 65_536 };
let directory: string;
const at = (...names: string[]) => path.join(directory, ...names);

beforeEach(() => {
  directory = mkdtempSync(path.join(tmpdir(), "slipway-overlay-"));
  for (const name of ["top", "base", "disk/upper", "disk/work", "target"])
    mkdirSync(at(name), { recursive: true });
  writeFileSync(at("base/shared"), "base");
  writeFileSync(at("top/shared"), "top");
  writeFileSync(at("base/only-base"), "x");
});
afterEach(async () => {
  await unmount(at("target"), { detach: true }).catch(() => {});
  rmSync(directory, { recursive: true });
});

const layers = () => [at("top"), at("base")];
const upper = () => ({ directory: at("disk/upper"), work: at("disk/work") });

/** Runs a script as the root of the range, without any capability of the host's root. */
function asMappedRoot(script: string): string {
  const id = String(ids.firstHostId);
  const args = ["--reuid", id, "--regid", id, "--clear-groups", "sh", "-c", script];
  return execFileSync("setpriv", args, { encoding: "utf8", cwd: at("target") });
}

describe.each([
  ["layers as descriptors", false],
  ["layers staged in a namespace, as before Linux 6.13", true],
])("%s", (_, stageInNamespace) => {
  test("files belong to the range above and to the image's ids below", async () => {
    await mountOverlay({
      lowers: layers(),
      upper: upper(),
      target: at("target"),
      idRange: ids,
      stageInNamespace,
    });
    expect(statSync(at("target/shared")).uid).toBe(ids.firstHostId);
    expect(asMappedRoot("cat shared; echo changed > only-base; mkdir made; rm shared; ls")).toBe(
      "topmade\nonly-base\n",
    );
    for (const name of ["made", "only-base"])
      expect(statSync(at("disk/upper", name))).toMatchObject({ uid: 0, gid: 0 });
    expect(statSync(at("disk/upper/shared")).isCharacterDevice()).toBe(true);
    expect(readFileSync(at("base/only-base"), "utf8")).toBe("x");
  });

  test("one mount appears, nosuid and nodev, and no path of a layer with it", async () => {
    const before = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
    await mountOverlay({
      lowers: layers(),
      upper: upper(),
      target: at("target"),
      idRange: ids,
      stageInNamespace,
    });
    const after = readFileSync("/proc/self/mountinfo", "utf8").split("\n");
    const added = after.filter((line) => line.includes(directory));
    expect(before.filter((line) => line.includes(directory))).toEqual([]);
    expect(added).toHaveLength(1);
    expect(added[0]).toContain("rw,nosuid,nodev");
    expect(added[0]?.split(" - ")[1]).not.toContain(directory);
  });

  test("128 layers fit", async () => {
    const many = Array.from({ length: 128 }, (_, index) => at(`layer-${index}`));
    for (const layer of many) mkdirSync(layer);
    writeFileSync(path.join(many[127] ?? "", "lowest"), "");
    await mountOverlay({
      lowers: many,
      upper: upper(),
      target: at("target"),
      idRange: ids,
      stageInNamespace,
    });
    expect(readdirSync(at("target"))).toEqual(["lowest"]);
  });

  test("layers can be read as one tree that is mounted nowhere", () => {
    const root = openLayers(layers(), { stageInNamespace });
    const file = openInRoot(root, "/shared", constants.O_RDONLY);
    expect(readFileSync(file, "utf8")).toBe("top");
    closeSync(file);
    closeSync(root);
    expect(readFileSync("/proc/self/mountinfo", "utf8")).not.toContain(directory);
  });
});

test("the thread that mounts keeps no id and no namespace of the mount", async () => {
  for (let round = 0; round < 8; round += 1) {
    const stageInNamespace = round % 2 === 0;
    await mountOverlay({
      lowers: layers(),
      upper: upper(),
      target: at("target"),
      idRange: ids,
      stageInNamespace,
    });
    await unmount(at("target"));
  }
  const namespaces = new Set<string>();
  for (const thread of readdirSync("/proc/self/task")) {
    const status = readFileSync(`/proc/self/task/${thread}/status`, "utf8");
    expect(/^Uid:.*$/m.exec(status)?.[0].split("\t").slice(1)).toEqual(["0", "0", "0", "0"]);
    namespaces.add(
      execFileSync("readlink", [`/proc/self/task/${thread}/ns/mnt`.replace("self", String(process.pid))], {
        encoding: "utf8",
      }),
    );
  }
  expect(namespaces.size).toBe(1);
  writeFileSync(at("by-host"), "");
  expect(statSync(at("by-host")).uid).toBe(0);
});

test("a failure is a NativeError that names call, code and path, and mounts nothing", async () => {
  const missing = mountOverlay({ lowers: [at("none")], upper: upper(), target: at("target"), idRange: ids });
  await expect(missing).rejects.toBeInstanceOf(NativeError);
  await expect(missing).rejects.toMatchObject({
    syscall: "open_tree",
    code: "ENOENT",
    errno: 2,
    path: at("none"),
  });
  const none = mountOverlay({ lowers: [], upper: upper(), target: at("target"), idRange: ids });
  await expect(none).rejects.toMatchObject({ syscall: "argument", code: "EINVAL" });
  await expect(unmount(at("target"))).rejects.toMatchObject({ syscall: "umount2", code: "EINVAL" });
  expect(existsSync(at("target"))).toBe(true);
});

test("descriptors are all closed", async () => {
  const count = () => readdirSync("/proc/self/fd").length;
  const before = count();
  for (const stageInNamespace of [false, true]) {
    await mountOverlay({
      lowers: layers(),
      upper: upper(),
      target: at("target"),
      idRange: ids,
      stageInNamespace,
    });
    await unmount(at("target"));
    closeSync(openLayers(layers(), { stageInNamespace }));
  }
  await mountOverlay({ lowers: [at("none")], upper: upper(), target: at("target"), idRange: ids }).catch(
    () => {},
  );
  expect(count()).toBe(before);
});
