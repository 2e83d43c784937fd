import { statfs } from "node:fs/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { HOSTILE_LIMITS, HostileMachine } from "./hostile-fixture.ts";

const { diskBytes } = HOSTILE_LIMITS;
const MIB = 1024 ** 2;

let hostile: HostileMachine;
beforeAll(async () => {
  hostile = await HostileMachine.make();
});
afterEach(() => hostile.calm());
afterAll(() => hostile.dispose());

async function hostFreeBytes(): Promise<number> {
  const { bavail, bsize } = await statfs(hostile.machine.directory);
  return bavail * bsize;
}

test.each([
  ["one big file", "fill /big"],
  ["a big file that is deleted and still open", "deleted /big"],
  ["a file of a terabyte with bytes here and there", "sparse /big"],
  ["space that is asked for and not written", "allocate /big"],
])("a disk is full at its limit and no byte later: %s", async (_, way) => {
  const before = await hostFreeBytes();
  const attacker = await hostile.attacker();
  attacker.screen.type(`attack ${way} & sleep 1000`);
  await attacker.screen.until(/held \w+ \d+ (ENOSPC|EFBIG)/);
  const event = await hostile.event(attacker, "disk");
  expect(event).toMatchObject({ metric: { name: "disk.used", unit: "bytes" }, process: null, count: 1 });
  expect(event.allowed).toBeLessThanOrEqual(diskBytes);
  expect(event.metric.value).toBeGreaterThan(event.allowed * 0.9);
  // Others use this machine too.
  expect(before - (await hostFreeBytes())).toBeLessThan(diskBytes + 256 * MIB);
  await hostile.expectUnharmed(attacker);
});

test("files without a byte in them are as many as the disk has room for", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type("mkdir /many; attack inodes /many & sleep 1000");
  await attacker.screen.until(/held inodes \d+ ENOSPC/);
  const event = await hostile.event(attacker, "inodes");
  expect(event).toMatchObject({ metric: { name: "inodes.used", unit: "files" } });
  expect(event.allowed).toBeLessThanOrEqual(diskBytes / 8192);
  await hostile.expectUnharmed(attacker);
});

test("nothing on the disk but the container's own files can be reached, so that nothing else fills it", async () => {
  const attacker = await hostile.attacker();
  attacker.screen.type(
    "mount | grep -v -e ' /proc' -e ' /sys' -e ' /dev' | grep -c ' rw'; grep -c workdir /proc/self/mounts; echo done-$((1+1))",
  );
  const text = await attacker.screen.until(/done-2/);
  expect(text).toMatch(/\r\n1\r\n/);
  attacker.screen.type("ls -d /work /upper; echo listed-$((1+1))");
  expect(await attacker.screen.until(/listed-2/)).toContain("No such file");
  await hostile.expectUnharmed(attacker);
});
