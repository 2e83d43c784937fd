import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, test } from "vitest";
import { screen } from "../../session/screen-fixture.ts";
import { sharedEngine, withoutContainersAfterEach } from "../shared-engine-fixture.ts";

const run = promisify(execFile);
const shared = sharedEngine();
withoutContainersAfterEach(shared);
const docker = (...args: string[]) => shared.engine.docker(args);
const SERVER = ["busybox", "httpd", "-f", "-p", "80", "-h", "/etc"];

const said = async (...args: string[]) => {
  const { exitCode, stdout, stderr } = await docker(...args);
  if (exitCode !== 0) throw new Error(`${args.join(" ")}: ${stderr}`);
  return stdout.trim();
};
const gets = (from: string, host: string) =>
  docker("exec", from, "wget", "-qO-", `http://${host}/hosts`).then(({ exitCode }) => exitCode === 0);

/** As somebody in a terminal of the session asks. */
const ask = async (url: string): Promise<string> => {
  const namespace = shared.engine.host.network.namespacePath;
  const options = ["-s", "--retry", "20", "--retry-connrefused", "--retry-delay", "1", "--max-time", "40"];
  return (await run("nsenter", [`--net=${namespace}`, "curl", ...options, url])).stdout;
};

test("a published port is at localhost of the session, and taken for others until its container stops", async () => {
  await docker("run", "-d", "--name", "web", "-p", "8080:80", ...SERVER);
  expect(await ask("http://localhost:8080/hosts")).toContain("localhost");
  expect((await docker("port", "web")).stdout).toContain("80/tcp -> 0.0.0.0:8080");
  const second = await docker("run", "-d", "--name", "other", "-p", "8080:80", ...SERVER);
  expect(second.stderr).toContain("port is already allocated");
  await docker("rm", "-f", "web");
  expect((await docker("start", "other")).exitCode).toBe(0);
  expect(await ask("http://localhost:8080/hosts")).toContain("localhost");
});

test("containers find each other by name and alias, and share host's, nobody's or another's network", async () => {
  expect((await docker("network", "create", "shop")).exitCode).toBe(0);
  await docker("run", "-d", "--name", "db", "--network", "shop", "--network-alias", "store", ...SERVER);
  const asked = () =>
    docker("run", "--rm", "--network", "shop", "busybox", "wget", "-qO-", "http://store/hosts");
  // The server may be a moment behind the start of its container.
  await shared.machine.until("it is found by its alias", async () =>
    (await asked()).stdout.includes("localhost"),
  );
  const joined = await docker(
    "run",
    "--rm",
    "--network",
    "container:db",
    "busybox",
    "wget",
    "-qO-",
    "http://127.0.0.1/hosts",
  );
  expect(joined.stdout).toContain("localhost");
  const host = await docker("run", "--rm", "--network", "host", "busybox", "cat", "/proc/net/dev");
  expect(host.stdout).toContain("bridge0");
  const none = await docker("run", "--rm", "--network", "none", "busybox", "ls", "/sys/class/net");
  expect(none.stdout).toBe("lo\n");
  expect(
    (await docker("network", "inspect", "shop", "--format", "{{range .Containers}}{{.Name}}{{end}}")).stdout,
  ).toBe("db\n");
  expect((await docker("network", "rm", "shop")).stderr).toContain("has active endpoints");
  await docker("rm", "-f", "db");
  expect((await docker("network", "rm", "shop")).exitCode).toBe(0);
});

test("networks are apart, a container joins and leaves them while it runs, also over a restart of the worker", async () => {
  await said("network", "create", "front");
  await said("network", "create", "--subnet", "10.5.0.0/24", "--gateway", "10.5.0.254", "back");
  await said("network", "create", "--internal", "shut");
  expect((await docker("network", "create", "front")).stderr).toContain("already exists");
  expect((await docker("network", "create", "--subnet", "10.5.0.128/25", "more")).stderr).toContain(
    "Pool overlaps",
  );
  await said("run", "-d", "--name", "web", "--network", "front", ...SERVER);
  await said(
    "run",
    "-d",
    "--name",
    "db",
    "--network",
    "back",
    "--ip",
    "10.5.0.9",
    "-p",
    "8082:80",
    ...SERVER,
  );
  await said("run", "-d", "--name", "plain", ...SERVER);
  expect(await ask("http://localhost:8082/hosts")).toContain("10.5.0.9");
  expect(await Promise.all([gets("web", "db"), gets("web", "10.5.0.9"), gets("plain", "web")])).toEqual([
    false,
    false,
    false,
  ]);

  await said("network", "connect", "--alias", "shop", "back", "web");
  await said("network", "connect", "shut", "web");
  expect(await Promise.all([gets("web", "db"), gets("db", "shop")])).toEqual([true, true]);
  const ends =
    "{{range $n, $e := .NetworkSettings.Networks}}{{$n}} {{$e.IPAddress}}/{{$e.IPPrefixLen}} {{$e.MacAddress}} {{$e.Gateway}}\n{{end}}";
  const shown = (await said("inspect", "web", "--format", ends)).split("\n");
  expect(shown).toHaveLength(3);
  expect(shown).toContain("back 10.5.0.1/24 02:42:0a:05:00:01 10.5.0.254");
  expect(shown).toContain("front 172.18.0.2/16 02:42:ac:12:00:02 172.18.0.1");
  expect(await said("exec", "web", "ip", "-o", "-4", "addr")).toContain("10.5.0.1/24");
  expect((await docker("network", "connect", "back", "web")).stderr).toContain(
    "already exists in network back",
  );

  shared.engine = await shared.engine.restarted();
  expect((await said("inspect", "web", "--format", ends)).split("\n")).toEqual(shown);
  expect(await gets("web", "db")).toBe(true);
  await said("network", "disconnect", "back", "web");
  expect(await Promise.all([gets("web", "10.5.0.9"), gets("db", "web")])).toEqual([false, false]);
  expect(await said("exec", "web", "ip", "-o", "-4", "addr")).not.toContain("10.5.0.1/24");
  expect((await docker("network", "rm", "back")).stderr).toContain("has active endpoints");
  await said("rm", "-f", "db");
  expect((await said("network", "prune", "-f")).split("\n").slice(1)).toEqual(["back"]);
  expect(await said("network", "ls", "--filter", "type=custom", "--format", "{{.Name}}")).toBe("front\nshut");
  await said("rm", "-f", "web", "plain");
  await said("network", "rm", "front", "shut");
});

test("a hardware address is the one that was asked for, in any network, and one that can't be is refused", async () => {
  await said("network", "create", "named");
  const addresses = ["02:42:ac:11:00:0a", "02:42:ac:11:00:0b"];
  const device = (name: string) => said("exec", name, "cat", "/sys/class/net/eth0/address");
  await said("run", "-d", "--name", "one", "--mac-address", "02-42-AC-11-00-0A", ...SERVER);
  await said(
    "run",
    "-d",
    "--name",
    "two",
    "--mac-address",
    addresses[1] ?? "",
    "--network",
    "named",
    ...SERVER,
  );
  expect(await Promise.all(["one", "two"].map(device))).toEqual(addresses);
  const ofBridge = "{{.NetworkSettings.MacAddress}}";
  const ofNamed = "{{.NetworkSettings.Networks.named.MacAddress}}";
  expect(await said("inspect", "one", "--format", ofBridge)).toBe(addresses[0]);
  expect(await said("inspect", "two", "--format", ofNamed)).toBe(addresses[1]);
  expect(await said("network", "inspect", "named")).toContain(addresses[1]);
  await said("restart", "-t", "0", "one");
  expect(await device("one")).toBe(addresses[0]);
  const refused = async (...args: string[]) => (await docker("run", ...args, "busybox", "true")).stderr;
  expect(await refused("--mac-address", "01:00:5e:00:00:01")).toContain("invalid MAC address");
  expect(await refused("--mac-address", "02:42:ac:11:00:0a", "--network", "host")).toContain(
    "conflicting options: mac-address and the network mode",
  );
  await said("rm", "-f", "one", "two");
  await said("network", "rm", "named");
});

test("a link is a name in /etc/hosts and variables, and follows its container; in a network it is its owner's alone", async () => {
  await said("run", "-d", "--name", "db", "-e", "WORD=secret", "--expose", "80", ...SERVER);
  await said("run", "-d", "--name", "app", "--link", "db:the-store", ...SERVER);
  expect(await gets("app", "the-store")).toBe(true);
  expect(await said("inspect", "app", "--format", "{{.HostConfig.Links}}")).toBe("[/db:/app/the-store]");
  const addressOf = (name: string) => said("inspect", name, "--format", "{{.NetworkSettings.IPAddress}}");
  const address = await addressOf("db");
  expect(await said("exec", "app", "cat", "/etc/hosts")).toMatch(
    new RegExp(`^${address}\\tthe-store [0-9a-f]{12} db$`, "m"),
  );
  const told = [
    `THE_STORE_PORT=tcp://${address}:80`,
    `THE_STORE_PORT_80_TCP_ADDR=${address}`,
    "THE_STORE_NAME=/app/the-store",
    "THE_STORE_ENV_WORD=secret",
  ];
  shared.engine = await shared.engine.restarted();
  expect((await said("exec", "app", "env")).split("\n")).toEqual(expect.arrayContaining(told));
  await said("stop", "-t", "0", "db");
  const late = await docker("run", "--link", "db", "busybox", "true");
  expect(late.stderr).toContain("Cannot link to a non running container: /db AS ");
  const nobody = await docker("run", "--link", "nobody:x", "busybox", "true");
  expect(nobody.stderr).toContain("could not get container for nobody");
  await shared.machine.until("somebody else has its address", async () => {
    const filler = await said("run", "-d", "busybox", "sleep", "1000");
    return (await addressOf(filler)) === address;
  });
  await said("start", "db");
  expect(await addressOf("db")).not.toBe(address);
  await shared.machine.until("the link has followed", () => gets("app", "the-store"));

  await said("network", "create", "shop");
  await said("run", "-d", "--name", "cache", "--network", "shop", ...SERVER);
  await said("run", "-d", "--name", "asks", "--network", "shop", "--link", "cache:quick", ...SERVER);
  expect(await Promise.all([gets("asks", "quick"), gets("cache", "quick")])).toEqual([true, false]);
  await said("rm", "-f", "cache", "asks");
  await said("network", "rm", "shop");
});

test("a volume outlives its container, and a path of the main container is the same on both sides", async () => {
  await docker("run", "--rm", "-v", "data:/data", "busybox", "sh", "-c", "echo kept > /data/file");
  expect((await docker("run", "--rm", "-v", "data:/data:ro", "busybox", "cat", "/data/file")).stdout).toBe(
    "kept\n",
  );
  const refused = await docker("run", "--rm", "-v", "data:/data:ro", "busybox", "touch", "/data/x");
  expect(refused.stderr).toContain("Read-only file system");
  await docker("run", "--rm", "-v", "/work/made:/w", "busybox", "sh", "-c", "echo from inside > /w/note");
  const main = shared.engine.sessions.terminal(
    shared.engine.request.sessionId,
    shared.engine.request.terminals.main,
  );
  main?.write(Buffer.from("cat /work/made/note; ls -ln /work | tail -1; echo n-$((1+1))\n"));
  const seen = await screen(main, /n-2/);
  expect(seen).toContain("from inside");
  expect(seen).toMatch(/drwxr-xr-x +2 0 +0 /);
  const missing = await docker(
    "run",
    "--rm",
    "--mount",
    "type=bind,source=/nowhere,target=/w",
    "busybox",
    "true",
  );
  expect(missing.stderr).toContain("bind source path does not exist");
});

test("limits show in stats, processes in top, and what was written can be committed", async () => {
  await docker(
    "run",
    "-d",
    "--name",
    "busy",
    "--memory",
    "32m",
    "busybox",
    "sh",
    "-c",
    "echo new > /made; sleep 1000",
  );
  const stats = await docker("stats", "--no-stream", "--format", "{{.Name}} {{.MemUsage}} {{.PIDs}}");
  expect(stats.stdout).toMatch(/^busy .* \/ 32MiB \d+\n$/);
  const top = (await docker("top", "busy")).stdout.trim().split("\n");
  expect(top[0]).toMatch(/^UID +PID +PPID /);
  expect(top[1]).toMatch(/^root +1 +0 .* sleep 1000$/);
  await docker("exec", "-d", "--user", "1000:7", "busy", "sleep", "2000");
  await shared.machine.until("numbers of users are the container's", async () =>
    /^1000 +7 +\d+ +sleep 2000$/m.test((await docker("top", "busy", "-o", "uid,gid,pid,args")).stdout),
  );
  expect((await docker("commit", "-m", "made", "busy", "mine:1")).stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/);
  expect((await docker("run", "--rm", "mine:1", "cat", "/made")).stdout).toBe("new\n");
});

test("a restart policy starts again what has failed, as often as it says", async () => {
  await docker(
    "run",
    "-d",
    "--name",
    "again",
    "--restart",
    "on-failure:2",
    "busybox",
    "sh",
    "-c",
    "echo try; exit 1",
  );
  await shared.machine.until("it has given up", async () => {
    const said = await docker("inspect", "again", "--format", "{{.RestartCount}} {{.State.Status}}");
    return said.stdout === "2 exited\n";
  });
  expect((await docker("logs", "again")).stdout).toBe("try\ntry\ntry\n");
});

test("a health check says how a container is", async () => {
  await docker(
    "run",
    "-d",
    "--name",
    "ill",
    "--health-cmd",
    "test -e /well",
    "--health-interval",
    "200ms",
    "--health-retries",
    "2",
    "busybox",
    "sleep",
    "1000",
  );
  const is = (status: string) =>
    shared.machine.until(
      status,
      async () =>
        (await docker("inspect", "ill", "--format", "{{.State.Health.Status}}")).stdout === `${status}\n`,
    );
  await is("unhealthy");
  await docker("exec", "ill", "touch", "/well");
  await is("healthy");
});

test("containers live on over a restart of the worker, with their output, ports and ends", async () => {
  await docker(
    "run",
    "-d",
    "--name",
    "stays",
    "-p",
    "8081:80",
    "busybox",
    "sh",
    "-c",
    "httpd -p 80 -h /etc; while :; do echo tick; sleep 0.2; done",
  );
  await docker("run", "-d", "--name", "ends", "busybox", "sh", "-c", "sleep 2; exit 5");
  shared.engine = await shared.engine.restarted();
  expect((await docker("ps", "--format", "{{.Names}}")).stdout).toContain("stays");
  expect(await ask("http://localhost:8081/hosts")).toContain("localhost");
  await shared.machine.until(
    "the other has ended",
    async () =>
      (await docker("inspect", "ends", "--format", "{{.State.ExitCode}} {{.State.Status}}")).stdout ===
      "5 exited\n",
  );
  expect((await docker("logs", "stays")).stdout).toContain("tick");
  expect((await docker("exec", "stays", "echo", "here")).stdout).toBe("here\n");
  expect((await docker("stop", "-t", "0", "stays")).exitCode).toBe(0);
});

test("the networks that are there from the start are as old as the session", async () => {
  const made = await said("network", "inspect", "bridge", "host", "none", "--format", "{{json .Created}}");
  const begun = shared.engine.host.begunAt;
  expect(made.split("\n").map((time) => Date.parse(JSON.parse(time)))).toEqual([begun, begun, begun]);
  expect(begun).toBeGreaterThan(Date.now() - 24 * 60 * 60_000);
});
