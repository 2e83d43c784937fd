import { fileOf, imageOf, openStore, random } from "./store-fixture.ts";

/* A store that works without a pause until it is killed: see killed-store.kernel.test.ts. The directory is
 * argv[2], the seed of what it does argv[3]. */

const next = random(Number(process.argv[3]));
const randomInt = (below: number) => Math.floor(next() * below);

const FILE_KIB = 64;
/** Room for about a dozen layers of FILE_KIB, so that collections have work. */
const LIMIT_BYTES = 4 * 1024 ** 2;

/** A layer of one large file and some small ones, all of which tell their layer's number. */
function layer(number: number) {
  const small = Array.from({ length: 10 }, (_, index) => ({
    path: `l${number}/s${index}`,
    content: `l${number}`,
  }));
  return [
    fileOf(`l${number}/file`, FILE_KIB),
    ...small,
    { path: `l${number}/link`, type: "link" as const, linkTarget: `l${number}/s0` },
  ];
}

const opened = await openStore(process.argv[2] ?? "", { limitBytes: LIMIT_BYTES });
await opened.store.collect().catch(() => undefined);
process.stdout.write("open\n");

async function work(): Promise<void> {
  for (;;) {
    const lease = opened.store.lease();
    // Few names and few layers, so that images share layers and names change their meaning.
    const numbers = [randomInt(3), 3 + randomInt(6), 9 + randomInt(20)];
    const image = await imageOf(opened, numbers.map(layer));
    await opened.store.tag(`name-${randomInt(8)}`, image.digest);
    if (randomInt(4) === 0) await opened.store.untag(`name-${randomInt(8)}`);
    if (randomInt(4) === 0) await opened.store.view.layers(image);
    lease.release();
  }
}

async function collect(): Promise<void> {
  for (;;) {
    await opened.store.collect().catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

await Promise.all([work(), work(), collect()]);
