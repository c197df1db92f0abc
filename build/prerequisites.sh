#!/usr/bin/env bash
# Installs or names what the build and the tests need beyond the .NET SDK. Idempotent; quiet when nothing is missing.
set -u
cd "$(dirname "$0")/.." || exit 1
if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^10\.'; then
  echo "The .NET SDK 10 is needed: https://dotnet.microsoft.com/download/dotnet/10.0" >&2
  exit 1
fi
build/kubectl.sh
if ! command -v prometheus >/dev/null; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    # Package lists may be missing or old on a fresh machine.
    { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends prometheus; } >/dev/null 2>&1
  fi
  command -v prometheus >/dev/null || echo "prometheus is missing: the test of rollouts judged by a real Prometheus is skipped (apt-get install prometheus)" >&2
fi
exit 0
