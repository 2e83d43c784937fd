import { once } from "node:events";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { Attachment } from "../../session/containers/attachment.ts";
import { sharedEngine, withoutContainersAfterEach } from "../shared-engine-fixture.ts";

/* Requests that clients write by hand: forms of bodies and parameters beside those of the docker CLI. */

const shared = sharedEngine();
withoutContainersAfterEach(shared);

const ask = async (method: string, path: string, body?: unknown) => {
  const { status, text } = await shared.engine.ask(method, path, body);
  return { status, json: text === "" ? null : JSON.parse(text) };
};
const filters = (chosen: object): string => `filters=${encodeURIComponent(JSON.stringify(chosen))}`;
const create = async (body: object, query = ""): Promise<string> => {
  const { status, json } = await ask("POST", `/v1.40/containers/create?${query}`, body);
  expect([status, json]).toEqual([201, { Id: expect.any(String), Warnings: [] }]);
  return json.Id;
};
const inspect = async (id: string) => (await ask("GET", `/v1.40/containers/${id}/json`)).json;

test("a create is read as Docker reads it, and shown with Docker's defaults", async () => {
  const plain = await inspect(await create({ image: "busybox", Cmd: ["true"] }));
  expect(plain.HostConfig).toMatchObject({ CpusetCpus: "", Devices: [], CpuQuota: 0, Ulimits: null });
  expect(plain.Config.Healthcheck).toBeUndefined();
  const entry = await inspect(await create({ Image: "busybox", Entrypoint: ["echo"] }));
  expect(entry).toMatchObject({ Path: "echo", Args: [], Config: { Entrypoint: ["echo"], Cmd: null } });
  const bound = { Image: "busybox", Volumes: { "/test/": {} }, HostConfig: { Binds: ["/tmp:/test/:ro"] } };
  const { Mounts } = await inspect(await create(bound));
  expect(Mounts).toEqual([expect.objectContaining({ Type: "bind", Destination: "/test", RW: false })]);
  const odd = await inspect(await create({ Image: "busybox", Healthcheck: { Test: ["true"] } }));
  expect([odd.Config.Healthcheck, odd.State.Health]).toEqual([{ Test: ["true"] }, undefined]);
  const little = await create({
    Image: "busybox",
    Cmd: ["df", "-P", "/mem"],
    HostConfig: { NanoCpus: 500_000, TmpFs: { "/mem": "rw,noatime" } },
  });
  expect((await inspect(little)).HostConfig).toMatchObject({
    NanoCpus: 500_000,
    Tmpfs: { "/mem": "rw,noatime" },
  });
  expect((await ask("POST", `/containers/${little}/start`)).status).toBe(204);
  expect((await ask("POST", `/v1.40/containers/${little}/wait`)).json).toEqual({
    StatusCode: 0,
    Error: null,
  });
  expect((await shared.engine.ask("GET", `/containers/${little}/logs?stdout=1`)).text).toContain(" /mem\n");
  await create({ Image: "busybox" }, `platform=linux/${process.arch === "x64" ? "amd64" : process.arch}`);
  for (const [query, body, status] of [
    ["platform=linux/s390x", { Image: "busybox" }, 404],
    ["platform=linux/", { Image: "busybox" }, 400],
    ["", { Image: "busybox", Healthcheck: { Interval: 5 } }, 400],
    ["", { Image: "busybox", HostConfig: { NanoCpus: -1 } }, 400],
  ] as const) {
    expect((await ask("POST", `/containers/create?${query}`, body)).status).toBe(status);
  }
});

test("who attaches without a word on streams gets what was written, and a resize is answered with 200", async () => {
  const id = await create({ Image: "busybox", Cmd: ["sh", "-c", "echo said; exec sleep 100"] });
  await shared.engine.ask("POST", `/containers/${id}/start`);
  const heard = "\x01\x00\x00\x00\x00\x00\x00\x05said\n";
  await shared.machine.until("it has spoken", async () => {
    const { text } = await shared.engine.ask("GET", `/containers/${id}/logs?stdout=1`);
    return text === heard;
  });
  const attached = await shared.engine.ask("POST", `/v1.40/containers/${id}/attach?logs=true&stream=false`);
  expect(attached).toMatchObject({ status: 200, text: heard });
  expect((await shared.engine.ask("POST", `/containers/${id}/resize?h=43&w=80`)).status).toBe(200);
});

/** What the stdin of a container gets as messages, and what comes back as such until `enough` of it is there. */
async function talk(id: string, messages: readonly string[], enough: RegExp): Promise<string> {
  const query = "stream=1&stdin=1&stdout=1&stderr=1&logs=1";
  const address = `ws+unix://${shared.engine.socket}:/v1.41/containers/${id}/attach/ws?${query}`;
  const client = new WebSocket(address);
  let heard = "";
  client.on("message", (data) => {
    heard += String(data);
    if (enough.test(heard)) client.close();
  });
  client.on("open", () => {
    for (const message of messages) client.send(message);
  });
  await once(client, "close");
  return heard;
}

test("a WebSocket attaches too: messages are stdin and output without frames, and a request without a handshake is 400", async () => {
  const id = await create({ Image: "busybox", Cmd: ["cat"], OpenStdin: true, AttachStdin: true });
  await shared.engine.ask("POST", `/containers/${id}/start`);
  expect(await talk(id, ["one\n", "둘\n"], /둘\n/)).toBe("one\n둘\n");
  expect(await talk(id, ["three\n"], /three\n/)).toBe("one\n둘\nthree\n");
  expect((await ask("GET", `/containers/${id}/attach/ws?stream=1`)).status).toBe(400);
  await expect(talk("0123456789ab", [], /x/)).rejects.toThrow("404");
});

test("a command whose client has left before it runs goes to its end", async () => {
  const id = await create({ Image: "busybox", Cmd: ["sleep", "1000"] });
  await shared.engine.ask("POST", `/containers/${id}/start`);
  const { containers } = shared.engine.host;
  const exec = containers.execs.create(containers.find(id), {
    args: ["sh", "-c", "yes | head -c 300000; exit 7"],
    env: [],
    workingDirectory: null,
    user: "",
    tty: false,
    stdin: false,
    asked: {},
  });
  const left = new Attachment({ output: () => true, ended: () => {} });
  left.close();
  await exec.start(left, { rows: 24, cols: 80 });
  await exec.ended();
  expect(exec.exitCode).toBe(7);
});

test("a commit runs as its container does, with changes on that; a RUN is none", async () => {
  const id = await create({
    Image: "busybox",
    Env: ["A=b"],
    Cmd: ["sleep", "9"],
    ExposedPorts: { "7/udp": {} },
  });
  const commit = (query: string, body?: object) => ask("POST", `/commit?container=${id}&${query}`, body);
  const config = async (name: string) => (await ask("GET", `/images/${name}/json`)).json;
  expect((await commit("repo=plain")).status).toBe(201);
  expect(await config("plain")).toMatchObject({
    Config: { Cmd: ["sleep", "9"], Env: expect.arrayContaining(["A=b"]) },
  });
  const changes = `changes=${encodeURIComponent('CMD ["/bin/bar"]\nEXPOSE 9090')}&changes=ENV%20C=d`;
  expect((await commit(`repo=changed&tag=v3&comment=abcd&author=eric&${changes}`)).status).toBe(201);
  expect(await config("changed:v3")).toMatchObject({
    Author: "eric",
    Comment: "abcd",
    Config: {
      Cmd: ["/bin/bar"],
      Env: expect.arrayContaining(["A=b", "C=d"]),
      ExposedPorts: { "7/udp": {}, "9090/tcp": {} },
    },
  });
  const body = { Entrypoint: ["/bin/crash"], Env: ["A=c"], Labels: { for: "ever" }, User: "" };
  expect((await commit("repo=body", body)).status).toBe(201);
  expect((await config("body")).Config).toMatchObject({
    Entrypoint: ["/bin/crash"],
    Cmd: null,
    Env: expect.arrayContaining(["A=c"]),
    Labels: { for: "ever" },
  });
  expect((await commit("changes=RUN%20true")).status).toBe(400);
});

test("sizes are told where they are asked for, and a prune takes what its filters say and tells its bytes", async () => {
  const write = ["sh", "-c", "head -c 100000 /dev/zero > /file"];
  const kept = await create({ Image: "busybox", Cmd: ["true"], Labels: { keep: "" } });
  const gone = await create({ Image: "busybox", Cmd: write });
  await shared.engine.ask("POST", `/containers/${gone}/start`);
  await shared.engine.ask("POST", `/containers/${gone}/wait`);
  const sizes = { SizeRw: expect.any(Number), SizeRootFs: expect.any(Number) };
  const list = (await ask("GET", "/containers/json?all=1&size=1&limit=-1")).json;
  expect(list).toEqual([expect.objectContaining(sizes), expect.objectContaining(sizes)]);
  const sized = (await ask("GET", `/containers/${gone}/json?size=true`)).json;
  expect(sized.SizeRw).toBeGreaterThanOrEqual(100_000);
  expect(sized.SizeRootFs).toBeGreaterThan(sized.SizeRw);
  expect((await inspect(gone)).SizeRw).toBeUndefined();
  const taken = ({ Id, SizeRw }: { Id: string; SizeRw: number }) => [Id, SizeRw];
  expect((await ask("GET", "/system/df")).json.Containers.map(taken)).toEqual(list.map(taken));
  const unlabelled = await ask("GET", `/containers/json?all=1&${filters({ "label!": ["keep"] })}`);
  expect(unlabelled.json.map(({ Id }: { Id: string }) => Id)).toEqual([gone]);

  const prune = async (chosen: object) => await ask("POST", `/containers/prune?${filters(chosen)}`);
  expect((await prune({ until: ["500000"] })).json).toEqual({ ContainersDeleted: [], SpaceReclaimed: 0 });
  expect((await prune({ until: ["a while"] })).status).toBe(400);
  expect((await prune({ name: ["x"] })).status).toBe(400);
  expect((await prune({ "label!": ["keep"], until: ["5000000000"] })).json).toEqual({
    ContainersDeleted: [gone],
    SpaceReclaimed: sized.SizeRw,
  });
  expect((await inspect(kept)).Id).toBe(kept);
});

test("ports have a protocol, exposed ones are shown, and a network is joined twice by what does not run alone", async () => {
  const id = await create({
    Image: "busybox",
    Cmd: ["sleep", "100"],
    ExposedPorts: { "8080": {}, "8081": {} },
    HostConfig: { PortBindings: { "8080": [{ HostPort: "8080" }] } },
  });
  const network = (await ask("POST", "/networks/create", { Name: "con" })).json.Id;
  const connect = async () =>
    (await shared.engine.ask("POST", "/networks/con/connect", { Container: id })).status;
  expect([await connect(), await connect()]).toEqual([200, 200]);
  await shared.engine.ask("POST", `/containers/${id}/start`);
  expect(await connect()).toBe(403);
  const shown = await inspect(id);
  expect(Object.keys(shown.HostConfig.PortBindings)).toEqual(["8080/tcp"]);
  const exposed = Object.keys(shown.Config.ExposedPorts);
  expect([exposed.includes("8080/tcp"), exposed.includes("8081/tcp"), exposed.includes("8080")]).toEqual([
    true,
    true,
    false,
  ]);
  const bound = [{ HostIp: "0.0.0.0", HostPort: "8080" }];
  expect(shown.NetworkSettings.Ports).toMatchObject({ "8080/tcp": bound, "8081/tcp": null });
  const [listed] = (await ask("GET", "/containers/json")).json;
  expect(listed.Ports).toEqual(
    expect.arrayContaining([
      { IP: "0.0.0.0", PrivatePort: 8080, PublicPort: 8080, Type: "tcp" },
      { PrivatePort: 8081, Type: "tcp" },
    ]),
  );
  await shared.engine.ask("DELETE", `/containers/${id}?force=1`);
  expect((await shared.engine.ask("DELETE", `/networks/${network}`)).status).toBe(204);
});

test("a filter that can't fit is refused, also where there is nothing yet, and a network is meant by its id too", async () => {
  const status = async (chosen: object) => (await ask("GET", `/containers/json?${filters(chosen)}`)).status;
  for (const odd of [{ status: ["bogus"] }, { health: ["fine"] }, { exited: ["x"] }, { colour: ["red"] }]) {
    expect([odd, await status(odd)]).toEqual([odd, 400]);
  }
  expect(await status({ before: ["nobody"] })).toBe(404);
  const { Id } = (await ask("POST", "/networks/create", { Name: "known" })).json;
  const inside = await create({ Image: "busybox", HostConfig: { NetworkMode: "known" } });
  const plain = await create({ Image: "busybox" });
  const listed = async (network: string) => {
    const { json } = await ask("GET", `/containers/json?all=1&${filters({ network: [network] })}`);
    return json.map((one: { Id: string }) => one.Id);
  };
  const bridge = (await ask("GET", "/networks/bridge")).json.Id;
  expect([
    await listed("known"),
    await listed(Id),
    await listed(Id.slice(0, 12)),
    await listed(bridge),
  ]).toEqual([[inside], [inside], [inside], [plain]]);
  await shared.engine.ask("DELETE", `/containers/${inside}`);
  await shared.engine.ask("DELETE", "/networks/known");
});

test("networks are pruned up to a moment, and what is no subnet or value of a filter is 400", async () => {
  await ask("POST", "/networks/create", { Name: "six", Labels: { zaq: "" } });
  const prune = async (until: string) =>
    (await ask("POST", `/networks/prune?${filters({ label: { zaq: true }, until: [until] })}`)).json;
  expect(await prune("500000")).toEqual({ NetworksDeleted: [] });
  expect(await prune("5000000000")).toEqual({ NetworksDeleted: ["six"] });
  for (const odd of [{ dangling: ["true", "0"] }, { dangling: ["x"] }, { type: ["x"] }]) {
    expect([odd, (await ask("GET", `/networks?${filters(odd)}`)).status]).toEqual([odd, 400]);
  }
  expect((await ask("POST", "/networks/create", { Name: "x" })).status).toBe(201);
  const unused = (await ask("GET", `/networks?${filters({ dangling: ["1"] })}`)).json;
  expect(unused.map(({ Name }: { Name: string }) => Name)).toEqual(["x"]);
  await shared.engine.ask("DELETE", "/networks/x");
  for (const Subnet of ["10.10.134.0", "10.10.134.0/65"]) {
    const reply = await ask("POST", "/networks/create", { Name: "bad", IPAM: { Config: [{ Subnet }] } });
    expect(reply).toEqual({ status: 400, json: { message: `invalid CIDR address: ${Subnet}` } });
  }
});
