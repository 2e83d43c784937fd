#!/bin/sh
# debian:bookworm without what people read: manuals, documentation but the licences, translations. dpkg leaves the same
# out of packages that are installed later.
set -eu

root=$TMPDIR/root
mkdir "$root"
tar --extract --directory="$root" --preserve-permissions --numeric-owner --xattrs --xattrs-include='*'

cat >"$root/etc/dpkg/dpkg.cfg.d/docker" <<'END'
path-exclude /usr/share/doc/*
path-include /usr/share/doc/*/copyright
path-exclude /usr/share/groff/*
path-exclude /usr/share/info/*
path-exclude /usr/share/linda/*
path-exclude /usr/share/lintian/*
path-exclude /usr/share/locale/*
path-include /usr/share/locale/locale.alias
path-exclude /usr/share/man/*
END
for directory in groff info linda lintian man; do
    [ ! -d "$root/usr/share/$directory" ] || find "$root/usr/share/$directory" -mindepth 1 -delete
done
find "$root/usr/share/doc" -mindepth 1 ! -type d ! -name copyright -delete
find "$root/usr/share/locale" -mindepth 1 ! -type d ! -name locale.alias -delete
find "$root/usr/share/doc" "$root/usr/share/locale" -mindepth 1 -type d -empty -delete

tar --create --sort=name --numeric-owner --xattrs --xattrs-include='security.*' --directory="$root" .
