#!/usr/bin/env bash
# Builds each image twice with buildah, compares the layers and prints the sizes. Where the machine cannot build images it says why and succeeds.
# Usage: build/images-check.sh [target ...]   default: operator gateway runtime; runtime-cuda needs a package feed that has TorchSharp's CUDA package
set -euo pipefail
cd "$(dirname "$0")/.."
skip() { echo "skipped: $1"; exit 0; }
command -v buildah > /dev/null || skip "buildah is not here (apt-get install buildah)"
export BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}
probe=$(buildah from scratch 2> /dev/null) || skip "buildah cannot make containers here; it needs root or user namespaces"
buildah rm "$probe" > /dev/null
sdk=${SDK_IMAGE:-localhost/dotnet/sdk:10.0} aspnet=${ASPNET_IMAGE:-localhost/dotnet/aspnet:10.0}
if ! buildah inspect --type image "$sdk" > /dev/null 2>&1 || ! buildah inspect --type image "$aspnet" > /dev/null 2>&1; then
  [ -n "${SDK_IMAGE:-}" ] || command -v debootstrap > /dev/null || skip "no base images: set SDK_IMAGE and ASPNET_IMAGE, or install debootstrap"
  [ -n "${SDK_IMAGE:-}" ] || build/base-images.sh
fi

epoch=$(git log -1 --format=%ct) version=$(sed -n 's|.*<Version>\(.*\)</Version>.*|\1|p' Directory.Build.props)
targets=("$@"); [ $# -gt 0 ] || targets=(operator gateway runtime)
# Packages that are here already need not be fetched again, and a feed behind a proxy is trusted as this machine trusts it; neither enters an image.
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
layers() { buildah inspect --type image --format '{{range .OCIv1.RootFS.DiffIDs}}{{println .}}{{end}}' "$1"; }
log=$(mktemp); trap 'rm -f "$log"' EXIT
differences=0
for target in "${targets[@]}"; do
  for pass in 1 2; do
    buildah build --no-cache --timestamp "$epoch" --target "$target" ${packages:+--volume "$packages:/root/.nuget/packages"} --volume /etc/ssl/certs:/etc/ssl/certs:ro \
      --build-arg SDK_IMAGE="$sdk" --build-arg ASPNET_IMAGE="$aspnet" --build-arg NUGET_SOURCE="${NUGET_SOURCE:-}" \
      --build-arg SOURCE_DATE_EPOCH="$epoch" --build-arg VERSION="$version" --build-arg REVISION="$(git rev-parse HEAD)" -t "localhost/attention-$target:$version-$pass" . > "$log" 2>&1 || { tail -20 "$log"; exit 1; }
  done
  size=$(buildah images --format '{{.Size}}' "localhost/attention-$target:$version-1"); base=$(buildah images --format '{{.Size}}' "$aspnet")
  if [ "$(layers "localhost/attention-$target:$version-1")" = "$(layers "localhost/attention-$target:$version-2")" ]; then
    echo "attention-$target: $size (base $base), both builds have the same layers"
  else
    echo "attention-$target: $size (base $base), the layers differ:"; diff <(layers "localhost/attention-$target:$version-1") <(layers "localhost/attention-$target:$version-2") || true
    differences=1
  fi
done
exit $differences
