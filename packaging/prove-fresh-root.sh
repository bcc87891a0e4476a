#!/usr/bin/env bash
# Proves the set-up in an empty root: a Debian made by debootstrap that has only Python and git. As root:
#   packaging/prove-fresh-root.sh [SUITE] [FOLDER]
# SUITE is bookworm unless given. The committed state of this checkout is cloned into the root; there run.sh and
# test.sh run twice each, and how long that took is printed. CARRY may name files and folders (package caches,
# certificates, pip's or apt's configuration) that are there at the same place, for machines that reach packages
# only through them; variables that begin with PIP_ are passed on.
set -euo pipefail
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SUITE=${1:-bookworm}
ROOT=${2:-$(mktemp -d /var/tmp/tlstudio-root.XXXXXX)}

[ "$(id -u)" -eq 0 ] || { echo "error: this needs root, for debootstrap and chroot" >&2; exit 1; }

clean_up() {
    local path
    for path in ${CARRY:-}; do [ ! -d "$path" ] || umount "$ROOT$path" 2>/dev/null || true; done
    umount "$ROOT/proc" "$ROOT/dev/shm" "$ROOT/dev" 2>/dev/null || true
    [ -n "${KEEP:-}" ] || rm -rf --one-file-system "$ROOT"
}
trap clean_up EXIT

echo "== debootstrap $SUITE with python3 and git"
debootstrap --variant=minbase --include=python3,git,ca-certificates "$SUITE" "$ROOT" >"$ROOT.log" 2>&1 ||
    { tail -n 5 "$ROOT.log" >&2; exit 1; }
mount -t proc proc "$ROOT/proc"
mount --bind /dev "$ROOT/dev"
mkdir -p "$ROOT/dev/shm" && mount -t tmpfs tmpfs "$ROOT/dev/shm"
cp /etc/resolv.conf "$ROOT/etc/resolv.conf"
for path in ${CARRY:-}; do
    if [ -d "$path" ]; then
        mkdir -p "$ROOT$path" && mount --bind -o ro "$path" "$ROOT$path"
    else
        mkdir -p "$ROOT$(dirname "$path")" && cp -L "$path" "$ROOT$path"
    fi
done
git clone -q --no-local "$PROJECT" "$ROOT/root/tlstudio"

inside() {
    env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
        $(env | grep '^PIP_' || true) chroot "$ROOT" bash -c "cd /root && $1"
}

timed() {
    local began=$SECONDS
    echo "== $1"
    inside "$1"
    echo "== took $((SECONDS - began)) s: $1"
}

timed "bash tlstudio/packaging/run.sh"
timed "bash tlstudio/packaging/run.sh"
timed "bash tlstudio/packaging/test.sh -q"
timed "bash tlstudio/packaging/test.sh -q --collect-only | tail -n 1"
echo "== proved in $SUITE, $(inside 'python3 --version')"
