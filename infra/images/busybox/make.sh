#!/bin/sh
# A root file system of nothing but busybox, from Debian's package of the static program.
set -eu

package=$TMPDIR/package
root=$TMPDIR/root

extract() {
    mmdebstrap --quiet --variant=extract --include=busybox-static "$SLIPWAY_SUITE" "$package" "$@" >&2
}
if [ -n "$SLIPWAY_APT_SOURCES" ]; then
    printf '%s' "$SLIPWAY_APT_SOURCES" | extract -
else
    extract
fi

for directory in bin dev etc home proc root sys tmp usr/bin usr/sbin var/tmp; do
    mkdir -p "$root/$directory"
done
chmod 0700 "$root/root"
chmod 1777 "$root/tmp" "$root/var/tmp"
ln -s bin "$root/sbin"
cp "$package/bin/busybox" "$root/bin/busybox"
for applet in $("$root/bin/busybox" --list); do
    [ "$applet" = busybox ] || ln -s busybox "$root/bin/$applet"
done
ln -s ../../bin/env "$root/usr/bin/env"
cat >"$root/etc/passwd" <<END
root:x:0:0:root:/root:/bin/sh
daemon:x:1:1:daemon:/usr/sbin:/bin/false
www-data:x:33:33:www-data:/var/www:/bin/false
nobody:x:65534:65534:nobody:/home:/bin/false
END
cat >"$root/etc/group" <<END
root:x:0:
daemon:x:1:
www-data:x:33:
nogroup:x:65534:
END
: >"$root/etc/hosts"
: >"$root/etc/resolv.conf"
: >"$root/etc/hostname"
if [ -n "$SLIPWAY_CERTIFICATES" ]; then
    mkdir -p "$root/etc/ssl/certs"
    cp "$SLIPWAY_CERTIFICATES/bundle.crt" "$root/etc/ssl/certs/ca-certificates.crt"
fi

tar --create --sort=name --numeric-owner --owner=0 --group=0 --mtime=@0 --directory="$root" .
