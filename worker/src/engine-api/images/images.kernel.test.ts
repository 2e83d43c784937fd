import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { parseReference } from "../../image-store/reference.ts";
import {
  basicAuth,
  PASSWORD,
  startRegistry,
  type TestRegistry,
  USERNAME,
} from "../../image-store/registry-fixture.ts";
import { TestMachine } from "../../session/test-machine.ts";
import { TestEngine } from "../engine-fixture.ts";

/* What a docker client, run outside of the session against its socket, sees of images. */

let directory: string;
let registry: TestRegistry;
let guarded: TestRegistry;
let machine: TestMachine;
let engine: TestEngine;

const docker = (...args: readonly string[]) => engine.docker(args);
const good = async (...args: readonly string[]): Promise<string> => {
  const said = await docker(...args);
  expect(said, args.join(" ")).toMatchObject({ exitCode: 0 });
  return said.stdout;
};
const idOf = async (name: string): Promise<string> =>
  (await good("image", "inspect", "-f", "{{.Id}}", name)).trim();

beforeAll(async () => {
  directory = await mkdtemp(path.join(tmpdir(), "slipway-engine-images-"));
  registry = await startRegistry({ directory: path.join(directory, "open") });
  const more = await basicAuth(path.join(directory, "auth"));
  guarded = await startRegistry({ directory: path.join(directory, "guarded"), more });
  machine = await TestMachine.make();
  engine = await TestEngine.launch(machine, { registries: [registry.host, guarded.host] });
});
afterAll(async () => {
  await engine.end();
  await machine.dispose();
  await registry.stop();
  await guarded.stop();
  await rm(directory, { recursive: true, force: true });
});

test("a session begins with the image that it runs, and sees no other image of the worker", async () => {
  await machine.parts.images.tag(
    "secret/thing:latest",
    await machine.labelledImage(["sh"], { whose: "somebody" }),
  );
  expect(await good("images", "--format", "{{.Repository}}:{{.Tag}}")).toBe("playground:latest\n");
  expect((await docker("image", "inspect", "secret/thing")).stderr).toContain(
    "No such image: secret/thing:latest",
  );
});

test("a tag is one more name for the same id, whatever form the name has", async () => {
  await good("tag", "playground", "web");
  await good("tag", "docker.io/library/web:latest", "ada/web:1");
  const listed = await good("images", "--no-trunc", "--format", "{{.Repository}}:{{.Tag}} {{.ID}}");
  const lines = listed
    .trim()
    .split("\n")
    .map((line) => line.split(" "));
  expect(lines.map(([name]) => name).sort()).toEqual(["ada/web:1", "playground:latest", "web:latest"]);
  expect(new Set(lines.map(([, id]) => id)).size).toBe(1);
  expect(await idOf("docker.io/library/web")).toBe(await idOf("ada/web:1"));
  expect((await docker("tag", "web", "Not/Lower")).stderr).toContain("must be lowercase");
  expect(await good("images", "-q", "--filter", "reference=ada/*")).not.toBe("");
  expect(await good("images", "-q", "--filter", "reference=nobody/*")).toBe("");
});

test("rmi says what it untags, refuses what a container stands on, and removes the rest", async () => {
  expect(await good("rmi", "ada/web:1")).toBe("Untagged: ada/web:1\n");
  const id = await idOf("web");
  expect((await docker("rmi", id)).stderr).toContain(
    "must be forced) - image is referenced in multiple repositories",
  );
  expect((await docker("rmi", "-f", id)).stderr).toContain(
    "cannot be forced) - image is being used by running container",
  );
  await good("rmi", "web");
  expect((await docker("rmi", "web")).stderr).toContain("No such image: web:latest");
});

test("a pushed image comes back by a pull after all names of it are gone, and under the same id", async () => {
  const name = `${registry.host}/ada/app:v1`;
  await writeFile(
    path.join(directory, "Dockerfile"),
    "FROM playground\nLABEL of=app\nCOPY Dockerfile /made\n",
  );
  await good("build", "-t", name, directory);
  const id = await idOf(name);
  const pushed = await good("push", name);
  expect(pushed).toContain(`The push refers to repository [${registry.host}/ada/app]`);
  expect(pushed).toMatch(/v1: digest: sha256:[0-9a-f]{64} size: \d+/);
  const removed = await good("rmi", name);
  expect(removed).toContain(`Untagged: ${name}`);
  expect(removed).toContain(`Deleted: ${id}`);
  const pulled = await good("pull", name);
  expect(pulled).toContain("v1: Pulling from ada/app");
  expect(pulled).toContain(`Status: Downloaded newer image for ${name}`);
  expect(await idOf(name)).toBe(id);
  expect(await good("pull", name)).toContain(`Status: Image is up to date for ${name}`);
  const digests = await good("image", "inspect", "-f", "{{json .RepoDigests}}", name);
  expect(JSON.parse(digests)).toEqual([expect.stringMatching(`^${registry.host}/ada/app@sha256:`)]);
});

test("what another session of the worker pulled costs no bytes, and is no name of this session before", async () => {
  const name = `${registry.host}/ada/app:v1`;
  const other = await TestEngine.launch(machine);
  try {
    expect((await other.docker(["image", "inspect", name])).exitCode).toBe(1);
    const said = await other.docker(["pull", name]);
    expect(said.stdout).toContain("Already exists");
    expect(said.stdout).not.toContain("Pull complete");
    expect((await other.docker(["images", "-q"])).stdout.trim().split("\n")).toHaveLength(2);
  } finally {
    await other.end();
  }
});

test("login is asked of the registry, and a push goes with it only", async () => {
  const name = `${guarded.host}/ada/private`;
  await good("tag", "playground", name);
  expect((await docker("push", name)).exitCode).not.toBe(0);
  const wrong = await engine.docker(["login", "-u", USERNAME, "--password-stdin", guarded.host], {
    input: "nonsense",
  });
  expect(wrong.exitCode).not.toBe(0);
  const login = await engine.docker(["login", "-u", USERNAME, "--password-stdin", guarded.host], {
    input: PASSWORD,
  });
  expect(login.stdout).toContain("Login Succeeded");
  await good("push", name);
  await good("rmi", name);
  await good("pull", name);
  await good("logout", guarded.host);
  await good("rmi", name);
});

test("distribution tells what a registry has, to whom it may, without fetching it", async () => {
  const name = `${registry.host}/ada/app:v1`;
  const said = await engine.ask("GET", `/distribution/${name}/json`);
  expect(said.status).toBe(200);
  const pulled = await good("image", "inspect", "-f", "{{index .RepoDigests 0}}", name);
  const described = JSON.parse(said.text) as { Descriptor: { digest: string; size: number } };
  expect(described).toMatchObject({
    Descriptor: { mediaType: expect.stringContaining("manifest"), digest: pulled.trim().split("@")[1] },
    Platforms: [{ os: "linux", architecture: "amd64" }],
  });
  expect(described.Descriptor.size).toBeGreaterThan(100);
  expect((await engine.ask("GET", `/distribution/${registry.host}/no/such:thing/json`)).status).toBe(404);
  expect((await engine.ask("GET", "/distribution/BAD%20NAME/json")).status).toBe(400);
  const secret = `/distribution/${guarded.host}/ada/private/json`;
  expect((await engine.ask("GET", secret)).status).toBe(401);
  const login = Buffer.from(JSON.stringify({ username: USERNAME, password: PASSWORD })).toString("base64url");
  expect((await engine.ask("GET", secret, undefined, { "X-Registry-Auth": login })).status).toBe(200);
});

test("a search finds what the worker has for everybody, and says that a registry has none", async () => {
  const image = await machine.labelledImage(["sh"], { of: "search" });
  for (const name of ["findable:1", "findable:2", "ada/findable:latest", `${registry.host}/findable:1`])
    await machine.parts.images.tag(parseReference(name).full, image);
  const found = async (...args: string[]) =>
    (await good("search", "--format", "{{.Name}} {{.IsOfficial}}", ...args)).trim().split("\n");
  expect(await found("FINDABLE")).toEqual(["ada/findable ", "findable [OK]"]);
  expect(await found("docker.io/findable", "--filter", "is-official=true")).toEqual(["findable [OK]"]);
  expect(await found("findable", "--limit", "1")).toHaveLength(1);
  expect(await found("nothing-like-it")).toEqual([""]);
  expect((await docker("search", `${registry.host}/findable`)).stderr).toContain("a registry has no search");
  expect((await engine.ask("GET", "/images/search")).status).toBe(400);
});

test("what is cached of builds is the worker's: a prune says that it deletes none, and the next build finds it", async () => {
  await good("build", "-q", "-t", "cached", directory);
  expect(await good("builder", "prune", "-af")).toContain("Total reclaimed space: 0B");
  expect(await good("build", "-t", "cached", directory)).toContain("Using cache");
  expect((await engine.ask("POST", "/build/prune?filters=%5B")).status).toBe(400);
});

test("what nobody has is a 404 that says what was tried, and the client says so", async () => {
  const said = await docker("pull", `${registry.host}/no/such:thing`);
  expect(said.exitCode).toBe(1);
  expect(said.stderr).toMatch(
    /pull access denied for .*no\/such, repository does not exist or may require 'docker login'/,
  );
  expect((await engine.ask("POST", "/images/create?fromImage=BAD%20NAME")).status).toBe(400);
});

test("history and inspect tell what made an image, and its layers", async () => {
  await good("build", "-q", "-t", "made", directory);
  const history = await good("history", "--no-trunc", "--format", "{{.CreatedBy}}|{{.Size}}", "made");
  expect(history).toMatch(/^COPY Dockerfile \/made # buildkit\|\d+B\n/);
  const inspected = JSON.parse(await good("image", "inspect", "made"));
  expect(inspected[0]).toMatchObject({
    RepoTags: expect.arrayContaining(["made:latest"]),
    Os: "linux",
    Config: { Labels: { of: "app" }, Cmd: ["sh"] },
    RootFS: { Type: "layers" },
  });
  expect(inspected[0].RootFS.Layers).toHaveLength(2);
});

test("save and load bring an image back with names and id, also into another session", async () => {
  const id = await idOf("made");
  const archive = path.join(directory, "made.tar");
  await good("save", "-o", archive, "made", "playground");
  const other = await TestEngine.launch(machine);
  try {
    const loaded = await other.docker(["load", "-i", archive]);
    expect(loaded.stdout).toContain("Loaded image: made:latest");
    expect((await other.docker(["image", "inspect", "-f", "{{.Id}}", "made"])).stdout.trim()).toBe(id);
  } finally {
    await other.end();
  }
});

test("an archive that is none, or lies about its layers, loads nothing", async () => {
  const before = await good("images", "-q");
  const broken = path.join(directory, "broken.tar");
  await writeFile(broken, "this is no tar at all, but long enough ".repeat(40));
  expect(await docker("load", "-i", broken)).toMatchObject({
    exitCode: 1,
    stderr: "The archive can't be loaded: it is no tar, or not the whole of one.\n",
  });
  // The worker has the layer that this one claims to be, so nothing has to be unpacked.
  const changed = path.join(directory, "changed.tar");
  await good("save", "-o", changed, "playground");
  const bytes = await readFile(changed);
  bytes.writeUInt8(bytes.readUInt8(bytes.length >> 1) ^ 1, bytes.length >> 1);
  await writeFile(changed, bytes);
  expect(await docker("load", "-i", changed)).toMatchObject({
    exitCode: 1,
    stderr: expect.stringMatching(/^The layer sha256:\w+ does not unpack to sha256:\w+\.\n$/),
  });
  expect(await good("images", "-q")).toBe(before);
});

test("a tar becomes an image with the changes that were asked for", async () => {
  await good("build", "-q", "-t", "source", directory);
  const said = await good(
    "import",
    "--change",
    'CMD ["echo", "hi"]',
    "--message",
    "mine",
    path.join(directory, "made.tar"),
    "imported:1",
  );
  expect(said).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  expect(await good("image", "inspect", "-f", "{{json .Config.Cmd}}", "imported:1")).toBe('["echo","hi"]\n');
  expect(
    (await docker("import", "--change", "RUN true", path.join(directory, "made.tar"), "bad")).exitCode,
  ).not.toBe(0);
});

test("prune takes what has no name, and with -a what no container stands on", async () => {
  await writeFile(
    path.join(directory, "Dockerfile"),
    "FROM playground\nLABEL of=pruned\nCOPY Dockerfile /made\n",
  );
  await good("build", "-q", directory);
  expect((await good("images", "-qf", "dangling=true")).trim()).not.toBe("");
  expect(await good("image", "prune", "-f")).toMatch(/Deleted Images:\ndeleted: sha256:/i);
  expect(await good("images", "-qf", "dangling=true")).toBe("");
  await good("image", "prune", "-af");
  // The main container stands on `playground`, whatever other names that image has.
  const left = (await good("images", "-aq", "--no-trunc")).trim().split("\n");
  expect([...new Set(left)]).toEqual([
    (await good("image", "inspect", "-f", "{{.Id}}", "playground")).trim(),
  ]);
});

test("names and images are there again after a restart of the worker", async () => {
  await good("tag", "playground", "kept:1");
  engine = await engine.restarted();
  expect(await good("images", "--format", "{{.Repository}}:{{.Tag}}")).toContain("kept:1\n");
  await good("rmi", "kept:1");
});
