#!/bin/sh
# Settings of apt and dpkg in a root file system that becomes a container: no services are started, nothing is kept that
# only a machine which lives long has a use for.
set -eu
root=$1

cat >"$root/usr/sbin/policy-rc.d" <<'END'
#!/bin/sh
# A package that is installed in a container must not start its services (invoke-rc.d(8)).
exit 101
END
chmod 0755 "$root/usr/sbin/policy-rc.d"

echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/docker-apt-speedup"

cat >"$root/etc/apt/apt.conf.d/docker-clean" <<'END'
// Packages are not kept once they are installed: they would stay in the layer.
DPkg::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
APT::Update::Post-Invoke { "rm -f /var/cache/apt/archives/*.deb /var/cache/apt/archives/partial/*.deb /var/cache/apt/*.bin || true"; };
Dir::Cache::pkgcache "";
Dir::Cache::srcpkgcache "";
END
echo 'Acquire::Languages "none";' >"$root/etc/apt/apt.conf.d/docker-no-languages"
echo 'Acquire::GzipIndexes "true";' >"$root/etc/apt/apt.conf.d/docker-gzip-indexes"
echo 'Apt::AutoRemove::SuggestsImportant "false";' >"$root/etc/apt/apt.conf.d/docker-autoremove-suggests"
