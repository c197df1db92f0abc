#!/usr/bin/env bash
# Trains the sample models into models/. The text comes from Debian's package r-cran-janeaustenr, which is unpacked, not installed.
set -eu
cd "$(dirname "$0")/.."
text=$(build/sample-text.sh)
dotnet build tools/AttentionOperator.SampleModels -c Release --nologo -v quiet
tool=tools/AttentionOperator.SampleModels/bin/Release/net10.0/sample-models
"$tool" decoder --text "$text" --output models --steps "${DECODER_STEPS:-900}"
"$tool" encoder --text "$text" --output models --steps "${ENCODER_STEPS:-600}"
