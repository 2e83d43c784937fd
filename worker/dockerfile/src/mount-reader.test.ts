import { describe, expect, it } from "vitest";
import { MountError } from "./mount.ts";
import { mountFrom, readMount } from "./mount-reader.ts";

const range = { startLine: 1, startColumn: 1, endLine: 1, endColumn: 1 };
const mount = (text: string, expand = (value: string) => value) =>
  readMount({ text, from: mountFrom(text), range }, expand);

const defaults = {
  source: "",
  from: null,
  readonly: false,
  required: false,
  id: "",
  sharing: "shared",
  sizeBytes: null,
  mode: 0o755,
  uid: 0,
  gid: 0,
  env: null,
};

describe("a mount of RUN has BuildKit's defaults", () => {
  it.each([
    ["target=/x", { type: "bind", target: "/x", readonly: true }],
    ["type=bind,dst=x,src=/a,from=base,rw", { type: "bind", target: "x", source: "/a", from: "base" }],
    ["type=cache,target=/root/.npm/", { type: "cache", target: "/root/.npm/", id: "/root/.npm" }],
    [
      "type=cache,target=/c,id=n,sharing=LOCKED,mode=0700,uid=10,gid=20,ro,from=b,source=/s",
      {
        type: "cache",
        target: "/c",
        id: "n",
        sharing: "locked",
        mode: 0o700,
        uid: 10,
        gid: 20,
        readonly: true,
        from: "b",
        source: "/s",
      },
    ],
    ["from=base", { type: "bind", target: "", from: "base", readonly: true }],
    ["target=.,rw", { type: "bind", target: "." }],
    ["type=cache", { type: "cache", target: "", id: "." }],
    ["type=tmpfs,target=/t", { type: "tmpfs", target: "/t" }],
    ["type=tmpfs,target=/t,size=1.5m", { type: "tmpfs", target: "/t", sizeBytes: 1.5 * 1024 * 1024 }],
    ["type=secret,id=token", { type: "secret", id: "token", target: "/run/secrets/token", mode: 0o400 }],
    ["type=secret,target=/a/key", { type: "secret", id: "key", target: "/a/key", mode: 0o400 }],
    ["type=secret,id=t,env=TOKEN", { type: "secret", id: "t", target: "", mode: 0o400, env: "TOKEN" }],
    [
      "type=secret,source=t,env=TOKEN,target=/f,required,mode=0444",
      { type: "secret", id: "t", target: "/f", mode: 0o444, env: "TOKEN", required: true },
    ],
    ["type=ssh", { type: "ssh", id: "default", target: "", mode: 0o600 }],
    [
      "type=ssh,id=deploy,required=true,target=/s",
      { type: "ssh", id: "deploy", target: "/s", mode: 0o600, required: true },
    ],
    ['"target=/a,b",type=bind,readonly=false', { type: "bind", target: "/a,b" }],
  ])("%s", (text, expected) => {
    const readonly = ["secret", "ssh"].includes(expected.type);
    expect(mount(text)).toEqual({ ...defaults, readonly, ...expected });
  });

  it("expands its values, and never its from", () => {
    expect(mount("type=cache,id=$A,target=/$A", (value) => value.replace("$A", "x"))).toMatchObject({
      id: "x",
      target: "/x",
    });
    expect(() => mountFrom("from=$A,target=/x")).toThrow(/define alias stage instead/);
  });
});

describe("a mount that BuildKit refuses is refused", () => {
  it.each([
    ["type=binds,target=/x", /unsupported mount type "binds" \(did you mean bind\?\)/],
    ["type=cache,target=/x,sharing=some", /unsupported sharing value/],
    ["type=bind,target=/x,size=1m", /unexpected key 'size' for mount type 'bind'/],
    ["type=bind,target=/x,required", /unexpected key 'required'/],
    ["type=bind,target=/x,mode=0755", /mode not allowed for "bind" type mounts/],
    ["type=bind,target=/x,uid=0", /uid not allowed/],
    ["type=tmpfs,target=/x,gid=0", /gid not allowed/],
    ["type=bind,target=/x,sharing=shared", /invalid cache sharing/],
    ["type=secret", /one of source, target required/],
    ["type=secret,id=a,source=b", /both source and id/],
    ["type=secret,id=a,from=b", /should not have a from/],
    ["type=ssh,source=x", /ssh does not support source/],
    ["type=cache,target=/x,uid=-1", /invalid value -1 for uid/],
    ["type=cache,target=/x,mode=9", /invalid value 9 for mode/],
    ["type=cache,target=/x,gid=4294967296", /invalid value/],
    ["type=tmpfs,target=/x,size=many", /invalid value for size/],
    ["type=bind,target=/x,ro=maybe", /invalid value for ro/],
    ["type=bind,target", /must be a key=value pair/],
    ["type=bind,target=//", /invalid mount target/],
    ["type=tmpfs,target=/a/..", /invalid mount target/],
    ["type=bind,traget=/x", /unexpected key 'traget'.*did you mean target/],
    ['type=bind,tar"get=/x', /failed to parse csv/],
    ['"type=bind', /failed to parse csv/],
  ])("%s", (text, message) => {
    expect(() => mount(text)).toThrow(MountError);
    expect(() => mount(text)).toThrow(message);
  });
});
