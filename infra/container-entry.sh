#!/bin/sh
# Starts Slipway in a container with a cgroup namespace of its own.
set -eu

# In cgroup v2 a group that holds processes can't give controllers to its children (cgroups(7), "no internal processes"):
# what runs already moves to a leaf.
if [ -f /sys/fs/cgroup/cgroup.controllers ]; then
  mkdir -p /sys/fs/cgroup/init
  while read -r pid; do
    echo "$pid" > /sys/fs/cgroup/init/cgroup.procs 2>/dev/null || true
  done < /sys/fs/cgroup/cgroup.procs
  sed -e 's/\([a-z]\{1,\}\)/+\1/g' /sys/fs/cgroup/cgroup.controllers > /sys/fs/cgroup/cgroup.subtree_control || true
fi

exec node infra/bootstrap/start.mjs
