#!/bin/sh
# Debian's minimal system, set up for containers as the image of this name elsewhere is.
set -eu

make() {
    mmdebstrap --variant=minbase --format=tar \
        --customize-hook='if [ -n "$SLIPWAY_CERTIFICATES" ]; then
            mkdir -p "$1/usr/local/share/ca-certificates" "$1/etc/ssl/certs"
            cp "$SLIPWAY_CERTIFICATES"/local/*.crt "$1/usr/local/share/ca-certificates/"
            cp "$SLIPWAY_CERTIFICATES/bundle.crt" "$1/etc/ssl/certs/ca-certificates.crt"
        fi' \
        --customize-hook='sh "$SLIPWAY_RECIPE/for-containers.sh" "$1"' \
        --customize-hook='rm -rf "$1"/var/cache/apt/* "$1"/var/cache/debconf/*-old "$1"/var/log/apt "$1"/var/log/*.log "$1"/var/lib/apt/lists/*' \
        --customize-hook='for file in hosts resolv.conf hostname; do : >"$1/etc/$file"; done' \
        --skip=output/dev \
        "$SLIPWAY_SUITE" - "$@"
}
if [ -n "$SLIPWAY_APT_SOURCES" ]; then
    printf '%s' "$SLIPWAY_APT_SOURCES" | make -
else
    make
fi
