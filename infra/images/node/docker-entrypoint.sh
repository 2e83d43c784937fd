#!/bin/sh
# `docker run node --version` and `docker run node app.js` mean node's own arguments; anything else is a command.
set -e
case "$1" in
    -*) set -- node "$@" ;;
    *) if [ -f "$1" ] && [ ! -x "$1" ]; then set -- node "$@"; fi ;;
esac
exec "$@"
