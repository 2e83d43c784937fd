import { expect, test } from "vitest";
import { parseMounts } from "./layout.ts";

test("reads v1 and v2 hierarchies out of mountinfo, and nothing else", () => {
  const mountinfo = [
    "22 27 0:21 / /proc rw,relatime - proc proc rw",
    "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:9 - cgroup cgroup rw,cpu,cpuacct",
    "40 31 0:37 / /sys/fs/cgroup/with\\040space ro,relatime - cgroup cgroup rw,name=systemd",
    "41 31 0:38 / /sys/fs/cgroup/unified rw,relatime - cgroup2 cgroup2 rw",
    "",
  ].join("\n");
  expect(parseMounts(mountinfo)).toEqual([
    {
      point: "/sys/fs/cgroup/cpu,cpuacct",
      type: "cgroup",
      writable: true,
      superOptions: ["rw", "cpu", "cpuacct"],
    },
    {
      point: "/sys/fs/cgroup/with space",
      type: "cgroup",
      writable: false,
      superOptions: ["rw", "name=systemd"],
    },
    { point: "/sys/fs/cgroup/unified", type: "cgroup2", writable: true, superOptions: ["rw"] },
  ]);
});
