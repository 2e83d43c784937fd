import { buildContext, dockerfile, openFixture } from "./builder-fixture.ts";

/* A worker that is killed while it builds: see killed-build.kernel.test.ts. The directory is argv[2], the Dockerfile argv[3]. */

const fixture = await openFixture({ directory: process.argv[2] ?? "" });
await buildContext(fixture, [dockerfile(process.argv[3] ?? "")], {
  playground: "killed001",
  onEvent: (event) => {
    if (event.type === "log") process.stdout.write(event.text);
  },
});
