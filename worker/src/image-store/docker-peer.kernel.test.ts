import { afterAll, beforeAll, expect, test } from "vitest";
import { type DockerDaemon, findDocker, startDocker } from "../builder/conformance/docker-fixture.ts";
import { PlainRegistry, TWO_LAYERS } from "./plain-registry-fixture.ts";

const stage = new PlainRegistry();
let docker: DockerDaemon;
beforeAll(async () => {
  const found = findDocker();
  if (!found) throw new Error("Docker is not installed.");
  docker = await startDocker(found);
});
afterAll(async () => {
  await docker?.close();
});

test("Docker pulls what was pushed from here, under the same id, and what it pushes is that image again", async () => {
  const here = await stage.machine();
  const name = `${stage.registry.host}/with/docker:1`;
  const { image } = await stage.pushed(here, name, TWO_LAYERS);
  await docker.must(["pull", "--quiet", name]);
  const { stdout } = await docker.must(["image", "inspect", "--format", "{{.Id}}", name]);
  expect(stdout.toString().trim()).toBe(image.imageId);

  const again = `${stage.registry.host}/from/docker:1`;
  await docker.must(["tag", name, again]);
  await docker.must(["push", "--quiet", again]);
  const there = await stage.machine();
  const back = await there.transfer.pull(again, there.options());
  expect(back.imageId).toBe(image.imageId);
  expect(back.manifest.mediaType).toBe("application/vnd.docker.distribution.manifest.v2+json");
});
