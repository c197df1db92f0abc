#!/bin/bash
# Fetches the native library of ONNX Runtime (NuGet package Microsoft.ML.OnnxRuntime, in the version that Directory.Packages.props names for its
# managed part) with the SDK's own package client, and puts it where the bench looks for it. Nothing of it goes into the repository.
#
#   bench/peers/install-onnxruntime.sh [DIRECTORY]      default: bench/peers/installed/onnxruntime
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
target=${1:-$here/installed/onnxruntime}
version=$(sed -n 's/.*Include="Microsoft.ML.OnnxRuntime.Managed" Version="\([^"]*\)".*/\1/p' "$here/../../Directory.Packages.props")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cat > "$work/onnxruntime.csproj" <<PROJECT
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup>
  <ItemGroup><PackageDownload Include="Microsoft.ML.OnnxRuntime" Version="[$version]" /></ItemGroup>
</Project>
PROJECT
dotnet restore "$work/onnxruntime.csproj" --nologo -v quiet
case $(uname -m) in aarch64) platform=linux-arm64 ;; *) platform=linux-x64 ;; esac
packages=${NUGET_PACKAGES:-$HOME/.nuget/packages}
mkdir -p "$target"
cp "$packages/microsoft.ml.onnxruntime/$version/runtimes/$platform/native/libonnxruntime.so" "$target/"
echo "ONNX Runtime $version is at $target"
