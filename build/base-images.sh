#!/usr/bin/env bash
# Makes the two base images of the Dockerfile from Debian's packages and this machine's .NET, for places that no image registry can be reached from:
# localhost/dotnet/sdk:10.0 and localhost/dotnet/aspnet:10.0. Needs root (or a user namespace), buildah and debootstrap.
set -euo pipefail
# DEBIAN_MIRROR: another mirror than debootstrap's own choice.
suite=${DEBIAN_SUITE:-bookworm} mirror=${DEBIAN_MIRROR:-}
dotnet=$(dirname "$(readlink -f "$(command -v dotnet)")")
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
export BUILDAH_ISOLATION=${BUILDAH_ISOLATION:-chroot}

debootstrap --variant=minbase --include=ca-certificates,libssl3,libstdc++6,zlib1g "$suite" "$work/rootfs" ${mirror:+"$mirror"} > "$work/debootstrap.log" || { tail -5 "$work/debootstrap.log"; exit 1; }
rm -rf "$work"/rootfs/var/cache/apt/* "$work"/rootfs/var/lib/apt/lists/* "$work"/rootfs/usr/share/{doc,man,locale}/* "$work"/rootfs/var/log/*
# Caches of the loader carry the time at which they were made.
rm -f "$work"/rootfs/var/cache/ldconfig/aux-cache

mkdir -p "$work/runtime/shared"
cp -r "$dotnet"/{dotnet,host} "$work/runtime/"
cp -r "$dotnet"/shared/Microsoft.{NETCore,AspNetCore}.App "$work/runtime/shared/"

container=$(buildah from scratch)
buildah add -q "$container" "$work/rootfs" / > /dev/null
buildah add -q "$container" "$work/runtime" /usr/share/dotnet > /dev/null
buildah run "$container" -- ln -sf /usr/share/dotnet/dotnet /usr/bin/dotnet
buildah config --env PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin --env DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 "$container"
buildah commit -q "$container" localhost/dotnet/aspnet:10.0 > /dev/null
buildah rm "$container" > /dev/null

container=$(buildah from localhost/dotnet/aspnet:10.0)
buildah add -q "$container" "$dotnet" /usr/share/dotnet > /dev/null
buildah commit -q "$container" localhost/dotnet/sdk:10.0 > /dev/null
buildah rm "$container" > /dev/null
buildah images --filter reference=localhost/dotnet/*
