#!/usr/bin/env bash
# Prints the path of the sample models' text; unpacks (does not install) Debian's package r-cran-janeaustenr where it is not there yet.
set -eu
cd "$(dirname "$0")/.."
cache=artifacts/sample-text
if [ ! -d "$cache/usr" ]; then
  mkdir -p "$cache"
  (cd "$cache" && apt-get download r-cran-janeaustenr >&2 && dpkg -x r-cran-janeaustenr_*.deb .)
fi
echo "$cache/usr/lib/R/site-library/janeaustenr/data/Rdata.rdb"
