#!/usr/bin/env bash
# Proves the bundle in an empty Debian without Python and without a network. As root, after packaging/build.sh:
#   packaging/prove-bundle.sh [FOLDER]
# FOLDER keeps the empty Debian for a second time, and pictures of the window (FOLDER/pictures); without it all goes
# into a folder that is taken away at the end. SUITE (bookworm) and DIST (build/dist) may be given.
#
# What it has besides Debian's minimal system is what a desktop has: an X server (Xvfb), a window manager (jwm; the usual openbox would bring Python),
# xdg-utils with the reader of file types that it recommends, databases of menus and file types, fonts, the libraries
# of GL, X and fontconfig; and to look on: xdotool, ImageMagick, zstd. The bundle runs as an ordinary user in a
# network namespace of its own, which has nothing but a loopback device.
set -euo pipefail
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SUITE=${SUITE:-bookworm}
DIST=${DIST:-$PROJECT/build/dist}
WORK=${1:-}
[ "$(id -u)" -eq 0 ] || { echo "error: this needs root, for debootstrap and chroot" >&2; exit 1; }
DEB=$(ls "$DIST"/tlstudio_*.deb) ARCHIVE=$(ls "$DIST"/tlstudio-*.tar.zst)
if [ -z "$WORK" ]; then WORK=$(mktemp -d /var/tmp/tlstudio-proof.XXXXXX); AWAY=$WORK; fi
ROOT="$WORK/$SUITE"

DESKTOP="xvfb,jwm,xdg-utils,libfile-mimeinfo-perl,shared-mime-info,desktop-file-utils,hicolor-icon-theme,\
fonts-dejavu-core,fonts-wqy-microhei,fontconfig,libgl1,libegl1,libopengl0,libglx0,libx11-xcb1,libfontconfig1,\
libfreetype6,libdbus-1-3,libdrm2,libstdc++6,procps"
TOOLS="xdotool,imagemagick,zstd"

clean_up() {
    umount "$ROOT/proc" "$ROOT/dev/shm" "$ROOT/dev" 2>/dev/null || true
    [ -z "${AWAY:-}" ] || rm -rf --one-file-system "$AWAY"
}
trap clean_up EXIT

if [ ! -f "$ROOT/made" ]; then
    echo "== debootstrap $SUITE, minimal, with what a desktop has"
    mkdir -p "$WORK"
    rm -rf --one-file-system "$ROOT"
    nice -n 10 debootstrap --variant=minbase --include="$DESKTOP,$TOOLS" "$SUITE" "$ROOT" >"$WORK/debootstrap.log" 2>&1 ||
        { tail -n 5 "$WORK/debootstrap.log" >&2; exit 1; }
    chroot "$ROOT" useradd -m -s /bin/bash lab
    touch "$ROOT/made"
fi
# What a former proof left is not there now.
chroot "$ROOT" dpkg -r tlstudio >/dev/null 2>&1 || true
rm -rf "$ROOT/home/lab" "$ROOT/proof" "$ROOT/opt/tlstudio" "$ROOT"/tmp/.X*
cp -a "$ROOT/etc/skel" "$ROOT/home/lab"
chroot "$ROOT" chown -R lab:lab /home/lab
mkdir -p "$ROOT/proof/pictures" && chmod 777 "$ROOT/proof/pictures"
cp "$DEB" "$ARCHIVE" "$PROJECT/packaging/prove-inside.sh" "$ROOT/proof/"

mount --bind /dev "$ROOT/dev"
mount -t tmpfs tmpfs "$ROOT/dev/shm"
began=$SECONDS
# No network, and processes of its own: whatever is left over ends with it.
code=0
unshare --net --pid --fork --kill-child --mount --mount-proc="$ROOT/proc" \
    env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
    chroot "$ROOT" bash /proof/prove-inside.sh || code=$?
if [ -z "${AWAY:-}" ]; then
    rm -rf "$WORK/pictures"
    cp -r "$ROOT/proof/pictures" "$WORK/pictures"
    echo "pictures: $WORK/pictures"
fi
echo "== $([ "$code" -eq 0 ] && echo proved || echo "NOT PROVED, code $code") in $((SECONDS - began)) s"
exit "$code"
