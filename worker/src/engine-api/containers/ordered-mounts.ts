import { randomBytes } from "node:crypto";
import path from "node:path";
import type { OrderedMount } from "../../session/containers/container-order.ts";
import { EngineError } from "../engine-error.ts";
import type { HostConfigBody, MountBody } from "./create-body.ts";
import { sizeBytes } from "./sizes.ts";

/** Mounts of one container. */
const MOST_MOUNTS = 64;
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]{1,254}$/;
const BIND_OPTIONS = new Set([
  ...["rw", "z", "Z", "nocopy", "cached", "delegated", "consistent"],
  ...["rprivate", "private", "rslave", "slave"],
]);

const base = { tmpfsBytes: null, tmpfsMode: null, createsSource: true } as const;

/**
 * What a container mounts: what the request says, what the containers of `--volumes-from` have elsewhere, and a volume for each
 * other path that the image wants one at. `mountsIn`: those of a container by its name.
 */
export function mountsOf(
  config: HostConfigBody,
  volumes: readonly string[],
  mountsIn: (container: string) => readonly OrderedMount[],
): OrderedMount[] {
  const mounts = [
    ...(config.Binds ?? []).map(bindOf),
    ...(config.Mounts ?? []).map(mountOf),
    ...Object.entries(config.Tmpfs ?? {}).map(([target, options]) => tmpfsOf(target, options)),
  ];
  const taken = new Set<string>();
  for (const { target } of mounts) {
    if (taken.has(target)) throw new EngineError(400, `Duplicate mount point: ${target.slice(0, 256)}`);
    taken.add(target);
  }
  for (const from of config.VolumesFrom ?? []) {
    for (const mount of sharedMounts(from, mountsIn)) {
      if (taken.has(mount.target)) continue;
      taken.add(mount.target);
      mounts.push(mount);
    }
  }
  const anonymous = [...new Set(volumes.map(targetOf))]
    .filter((target) => !taken.has(target))
    .map(anonymousVolume);
  const all = [...mounts, ...anonymous];
  if (all.length > MOST_MOUNTS) throw new EngineError(400, `A container has ${MOST_MOUNTS} mounts at most.`);
  return all;
}

/** `container[:ro]`; memory is nobody else's. */
function sharedMounts(
  from: string,
  mountsIn: (container: string) => readonly OrderedMount[],
): readonly OrderedMount[] {
  const [container = "", mode = "rw", ...rest] = from.split(":");
  if (rest.length > 0 || !["rw", "ro"].includes(mode)) {
    throw new EngineError(400, `invalid volumes-from specification: '${from.slice(0, 256)}'`);
  }
  return mountsIn(container)
    .filter(({ type }) => type !== "tmpfs")
    .map((mount) => ({ ...mount, readOnly: mount.readOnly || mode === "ro" }));
}

const anonymousVolume = (target: string): OrderedMount => ({
  ...base,
  type: "volume",
  source: randomBytes(32).toString("hex"),
  target: targetOf(target),
  readOnly: false,
});

/** `source:target[:options]`, or a path alone. */
function bindOf(bind: string): OrderedMount {
  const [source = "", target, options = "", ...rest] = bind.split(":");
  if (target === undefined) return anonymousVolume(source);
  if (rest.length > 0 || source === "") {
    throw new EngineError(400, `invalid volume specification: '${bind.slice(0, 256)}'`);
  }
  const named = options.split(",").filter((option) => option !== "");
  const odd = named.find((option) => option !== "ro" && !BIND_OPTIONS.has(option));
  if (odd !== undefined) throw new EngineError(400, `invalid mode: ${odd.slice(0, 64)}`);
  const mount = { ...base, target: targetOf(target), readOnly: named.includes("ro") };
  if (source.startsWith("/")) return { ...mount, type: "bind", source };
  return { ...mount, type: "volume", source: volumeName(source) };
}

function mountOf({ Type, Source, Target, ReadOnly, BindOptions, TmpfsOptions }: MountBody): OrderedMount {
  const mount = { ...base, target: targetOf(Target ?? ""), readOnly: ReadOnly ?? false };
  const source = Source ?? "";
  switch (Type) {
    case "bind":
      if (!source.startsWith("/")) {
        throw new EngineError(
          400,
          `invalid mount config for type "bind": invalid mount path: '${source.slice(0, 256)}' mount path must be absolute`,
        );
      }
      return { ...mount, type: "bind", source, createsSource: BindOptions?.CreateMountpoint ?? false };
    case "volume":
      if (source === "") return { ...anonymousVolume(mount.target), readOnly: mount.readOnly };
      return { ...mount, type: "volume", source: volumeName(source) };
    case "tmpfs":
      return {
        ...mount,
        type: "tmpfs",
        source: "",
        tmpfsBytes: TmpfsOptions?.SizeBytes || null,
        tmpfsMode: TmpfsOptions?.Mode ?? null,
      };
    default:
      throw new EngineError(400, `invalid mount config: mount type unknown: "${(Type ?? "").slice(0, 64)}"`);
  }
}

/** `size=64m,mode=1777`; options that every tmpfs has anyway are passed over. */
function tmpfsOf(target: string, options: string): OrderedMount {
  const values = new Map(
    options.split(",").map((option) => option.split("=") as [string, string | undefined]),
  );
  const size = values.get("size");
  const mode = values.get("mode");
  return {
    ...base,
    type: "tmpfs",
    source: "",
    target: targetOf(target),
    readOnly: values.has("ro"),
    tmpfsBytes: size === undefined ? null : sizeBytes(size),
    tmpfsMode: mode !== undefined && /^[0-7]{3,4}$/.test(mode) ? Number.parseInt(mode, 8) : null,
  };
}

function targetOf(target: string): string {
  const normal = path.posix.normalize(target);
  const trimmed = normal.length > 1 ? normal.replace(/\/$/, "") : normal;
  if (trimmed.startsWith("/") && trimmed !== "/") return trimmed;
  throw new EngineError(400, `invalid mount path: '${target.slice(0, 256)}' mount path must be absolute`);
}

function volumeName(name: string): string {
  if (VOLUME_NAME.test(name)) return name;
  throw new EngineError(
    400,
    `"${name.slice(0, 128)}" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path`,
  );
}
