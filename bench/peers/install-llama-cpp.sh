#!/bin/bash
# Unpacks llama.cpp of Debian unstable, with the C library that it was built for, into a directory of its own: nothing is installed into the
# system, and nothing of it goes into the repository. Its ggml picks the kernels of this processor (AVX2, AVX-512, VNNI, ...) when it starts.
# The packages come from the mirror that this machine's own sources name. Needs a Debian or Ubuntu with debian-archive-keyring.
#
#   bench/peers/install-llama-cpp.sh [DIRECTORY]      default: bench/peers/installed/llama.cpp
set -euo pipefail

target=${1:-$(dirname "$0")/installed/llama.cpp}
mkdir -p "$target"
target=$(cd "$target" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

keyring=/usr/share/keyrings/debian-archive-keyring.gpg
mirror=${DEBIAN_MIRROR:-$(grep -rhEo '^[^#]*https?://[^ ]+/debian/?( |$)' /etc/apt/sources.list* 2>/dev/null | grep -Eo 'https?://[^ ]+' | sed -n 1p)}
[ -n "$mirror" ] || { echo "no Debian mirror among the sources of this machine: set DEBIAN_MIRROR" >&2; exit 1; }

mkdir -p "$work"/state/lists/partial "$work"/cache/archives/partial
: > "$work/state/status"
echo "deb [signed-by=$keyring] $mirror sid main" > "$work/sources.list"
# A state of its own, empty: everything down to the C library is chosen from the one release. A mirror's snapshot may be past its date.
apt=(apt-get -q -y -o "Dir::State=$work/state" -o "Dir::State::status=$work/state/status" -o "Dir::Cache=$work/cache"
    -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=- -o Acquire::Check-Valid-Until=false
    -o Acquire::Languages=none -o APT::Install-Recommends=false -o APT::Sandbox::User=root)
"${apt[@]}" update
"${apt[@]}" install --download-only llama.cpp
for package in "$work"/cache/archives/*.deb; do
    dpkg-deb -x "$package" "$target"
done

# By way of its own loader: the system's C library may be older. ggml looks for its kernels in the current directory, among others.
libraries=$target/usr/lib/x86_64-linux-gnu
rm -f "$libraries"/ggml/backends0/libggml-blas.so   # the reference BLAS is slower than ggml's own products
cat > "$target/llama-bench" <<PROGRAM
#!/bin/bash
# Paths of models must be absolute.
cd "$libraries/ggml/backends0"
exec "$target/usr/lib64/ld-linux-x86-64.so.2" --library-path "$libraries:$libraries/llama" "$target/usr/bin/llama-bench" "\$@"
PROGRAM
chmod +x "$target/llama-bench"
"$target/llama-bench" --version 2>&1 | tail -2
echo "llama.cpp is at $target"
