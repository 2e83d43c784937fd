import { buildContext, dockerfile, openFixture } from "./builder-fixture.ts";

/* A worker that is killed while it builds: see killed-build.kernel.test.ts. The directory is argv[2]. */

const fixture = await openFixture({ directory: process.argv[2] ?? "" });
await buildContext(
  fixture,
  [dockerfile("FROM busybox\nRUN echo kept > /kept\nRUN touch /half; echo up; sleep 1000")],
  {
    onEvent: (event) => {
      if (event.type === "log") process.stdout.write(event.text);
    },
  },
);
