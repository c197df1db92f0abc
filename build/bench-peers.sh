#!/usr/bin/env bash
# Prints the directory of haproxy, nginx and wrk as Debian ships them; unpacks (does not install) what is not there yet.
set -eu
cd "$(dirname "$0")/.."
cache=artifacts/bench-peers
if [ ! -x "$cache/usr/bin/wrk" ]; then
  mkdir -p "$cache"
  apt-get update -q >&2 || true # a fresh machine has no lists yet
  (cd "$cache" && apt-get download haproxy nginx wrk libluajit-5.1-2 liblua5.3-0 libopentracing-c-wrapper0 libopentracing1 >&2 && for package in *.deb; do dpkg -x "$package" .; done && rm -f -- *.deb)
fi
echo "$PWD/$cache"
