import { splitCsv } from "./csv.ts";
import type { MountFlag } from "./instructions.ts";
import { suggest } from "./keywords.ts";
import {
  CACHE_SHARINGS,
  type CacheSharing,
  MOUNT_TYPES,
  MountError,
  type MountType,
  type RunMount,
} from "./mount.ts";
import { parseSize } from "./size.ts";

const KEYS = [
  "type",
  "from",
  "source",
  "src",
  "target",
  "dst",
  "destination",
  "readonly",
  "ro",
  "readwrite",
  "rw",
  "required",
  "size",
  "id",
  "sharing",
  "mode",
  "uid",
  "gid",
  "env",
] as const;

const DEFAULT_MODES: Readonly<Record<MountType, number>> = {
  bind: 0o755,
  cache: 0o755,
  tmpfs: 0o755,
  secret: 0o400,
  ssh: 0o600,
};

const SECRETS_DIRECTORY = "/run/secrets/";
const DEFAULT_SSH_ID = "default";
/** Largest uid, gid or mode: 32 bits. */
const MAX_NUMBER = 2 ** 32 - 1;

/** Splits the text of a mount. The plan needs `from` before anything can be expanded. Throws MountError. */
export function mountFrom(text: string): string | null {
  let from: string | null = null;
  for (const { key, value } of fieldsOf(text)) {
    if (!(KEYS as readonly string[]).includes(key)) throw unknownKey(key);
    if (key !== "from" || value === null) continue;
    if (/\$./.test(value)) {
      throw new MountError("from doesn't support variable expansion, define alias stage instead");
    }
    from = value || null;
  }
  return from;
}

/**
 * Reads a mount; `expand` expands the variables of one value. Throws MountError, and what `expand` throws.
 */
export function readMount(flag: MountFlag, expand: (text: string) => string): RunMount {
  const draft = new MountDraft();
  for (const { key, value, field } of fieldsOf(flag.text)) {
    if (value === null) draft.setBare(key, field);
    else draft.set(key, expand(value));
  }
  return draft.finish();
}

function fieldsOf(text: string): { key: string; value: string | null; field: string }[] {
  const fields = splitCsv(text);
  if (fields === null) throw new MountError("failed to parse csv mounts: a quote is out of place");
  return fields.map((field) => {
    const equals = field.indexOf("=");
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase();
    return { key, value: equals < 0 ? null : field.slice(equals + 1), field: field.slice(0, 200) };
  });
}

function unknownKey(key: string): MountError {
  return new MountError(`unexpected key '${key.slice(0, 64)}' for a mount`, suggest(key, KEYS));
}

/** A mount while its fields are read, in the order in which they are written. */
class MountDraft {
  #type: MountType = "bind";
  #target = "";
  #source = "";
  #from = "";
  #readonly: boolean | null = null;
  #required = false;
  #id = "";
  #sharing: CacheSharing | null = null;
  #sizeBytes: number | null = null;
  #mode: number | null = null;
  #uid: number | null = null;
  #gid: number | null = null;
  #env: string | null = null;

  /** A field without a value. */
  setBare(key: string, field: string): void {
    if (key === "readonly" || key === "ro") this.#readonly = true;
    else if (key === "readwrite" || key === "rw") this.#readonly = false;
    else if (key === "required") this.#setRequired(true);
    else throw new MountError(`invalid field '${field}' must be a key=value pair`);
  }

  set(key: string, value: string): void {
    switch (key) {
      case "type":
        this.#type = oneOf(MOUNT_TYPES, value, "mount type");
        break;
      case "from":
        this.#from = value;
        break;
      case "source":
      case "src":
        this.#source = value;
        break;
      case "target":
      case "dst":
      case "destination":
        this.#target = value;
        break;
      case "readonly":
      case "ro":
        this.#readonly = toBoolean(key, value);
        break;
      case "readwrite":
      case "rw":
        this.#readonly = !toBoolean(key, value);
        break;
      case "required":
        this.#setRequired(toBoolean(key, value));
        break;
      default:
        this.#setMore(key, value);
    }
  }

  #setMore(key: string, value: string): void {
    switch (key) {
      case "size":
        if (this.#type !== "tmpfs") throw this.#unexpected(key);
        this.#sizeBytes = parseSize(value);
        if (this.#sizeBytes === null) throw invalid(key, value);
        break;
      case "id":
        this.#id = value;
        break;
      case "sharing":
        this.#sharing = oneOf(CACHE_SHARINGS, value, "sharing value");
        break;
      case "mode":
        this.#mode = toNumber(key, value, 8);
        break;
      case "uid":
        this.#uid = toNumber(key, value, 10);
        break;
      case "gid":
        this.#gid = toNumber(key, value, 10);
        break;
      case "env":
        this.#env = value;
        break;
      default:
        throw unknownKey(key);
    }
  }

  #setRequired(value: boolean): void {
    if (this.#type !== "secret" && this.#type !== "ssh") throw this.#unexpected("required");
    this.#required = value;
  }

  #unexpected(key: string): MountError {
    return new MountError(`unexpected key '${key}' for mount type '${this.#type}'`);
  }

  finish(): RunMount {
    this.#check();
    const type = this.#type;
    const id = this.#idOrDefault();
    return {
      type,
      target: this.#targetOrDefault(id),
      source: type === "bind" || type === "cache" ? this.#source : "",
      from: type === "bind" || type === "cache" ? this.#from || null : null,
      readonly: this.#readonly ?? (type !== "cache" && type !== "tmpfs"),
      required: this.#required,
      id,
      sharing: this.#sharing ?? "shared",
      sizeBytes: this.#sizeBytes,
      mode: this.#mode ?? DEFAULT_MODES[type],
      uid: this.#uid ?? 0,
      gid: this.#gid ?? 0,
      env: type === "secret" ? this.#env : null,
    };
  }

  #check(): void {
    const type = this.#type;
    if (type === "bind" || type === "tmpfs") {
      const owned = { mode: this.#mode, uid: this.#uid, gid: this.#gid };
      for (const [key, value] of Object.entries(owned)) {
        if (value !== null) throw new MountError(`${key} not allowed for "${type}" type mounts`);
      }
    }
    if (type === "secret") this.#checkSecret();
    if (type === "ssh" && this.#source !== "") throw new MountError("ssh does not support source");
    if (this.#sharing !== null && type !== "cache") {
      throw new MountError(`invalid cache sharing set for ${type} mount`);
    }
    if (type !== "secret" && type !== "ssh" && cleanPath(this.#target) === "/") {
      throw new MountError(`invalid mount target "${this.#target}"`);
    }
  }

  #checkSecret(): void {
    if (this.#from !== "") throw new MountError("secret mount should not have a from");
    if (this.#source === "" && this.#target === "" && this.#id === "") {
      throw new MountError("invalid secret mount. one of source, target required");
    }
    if (this.#source !== "" && this.#id !== "") throw new MountError("both source and id can't be set");
  }

  #idOrDefault(): string {
    switch (this.#type) {
      case "cache":
        return this.#id || cleanPath(this.#target);
      case "secret":
        return this.#source || this.#id || baseName(this.#target);
      case "ssh":
        return this.#id || DEFAULT_SSH_ID;
      default:
        return "";
    }
  }

  /** A secret is a file below /run/secrets, unless it is asked for as a variable only. */
  #targetOrDefault(id: string): string {
    if (this.#type !== "secret" || this.#target !== "") return this.#target;
    return this.#env === null ? SECRETS_DIRECTORY + baseName(id) : "";
  }
}

function oneOf<Value extends string>(values: readonly Value[], written: string, what: string): Value {
  const found = values.find((value) => value === written.toLowerCase());
  if (found !== undefined) return found;
  throw new MountError(`unsupported ${what} "${written.slice(0, 64)}"`, suggest(written, values));
}

function invalid(key: string, value: string): MountError {
  return new MountError(`invalid value for ${key}: ${value.slice(0, 64)}`);
}

/** Go's strconv.ParseBool. */
function toBoolean(key: string, value: string): boolean {
  if (/^(1|t|T|TRUE|true|True)$/.test(value)) return true;
  if (/^(0|f|F|FALSE|false|False)$/.test(value)) return false;
  throw invalid(key, value);
}

function toNumber(key: string, value: string, base: 8 | 10): number {
  const number = (base === 8 ? /^[0-7]+$/ : /^\d+$/).test(value) ? Number.parseInt(value, base) : Number.NaN;
  if (!(number <= MAX_NUMBER)) throw new MountError(`invalid value ${value.slice(0, 64)} for ${key}`);
  return number;
}

const baseName = (path: string): string => path.split("/").findLast((part) => part !== "") ?? "/";

/** Go's path.Clean. */
function cleanPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split("/")) {
    if (part === "" || part === ".") continue;
    if (part !== ".." || (!path.startsWith("/") && (parts.length === 0 || parts.at(-1) === "..")))
      parts.push(part);
    else parts.pop();
  }
  return (path.startsWith("/") ? "/" : "") + parts.join("/") || ".";
}
