#!/usr/bin/env bash
# Trains the sample models into models/. The text comes from Debian's package r-cran-janeaustenr, which is unpacked, not installed.
set -eu
cd "$(dirname "$0")/.."
cache=artifacts/sample-text
if [ ! -d "$cache/usr" ]; then
  mkdir -p "$cache"
  (cd "$cache" && apt-get download r-cran-janeaustenr && dpkg -x r-cran-janeaustenr_*.deb .)
fi
text=$cache/usr/lib/R/site-library/janeaustenr/data/Rdata.rdb
dotnet build tools/AttentionOperator.SampleModels -c Release --nologo -v quiet
tool=tools/AttentionOperator.SampleModels/bin/Release/net10.0/sample-models
"$tool" decoder --text "$text" --output models --steps "${DECODER_STEPS:-900}"
"$tool" encoder --text "$text" --output models --steps "${ENCODER_STEPS:-600}"
