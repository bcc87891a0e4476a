#!/usr/bin/env bash
# Makes the bundle: build/dist/tlstudio (the folder), and from it a .deb and a portable .tar.zst beside it.
# On Windows and macOS the same spec makes the folder there; packaging/windows.iss and packaging/make-dmg.sh go on.
# Everything is made in build/, with an environment of its own; a second call makes everything anew but that.
set -euo pipefail
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$PROJECT/packaging/setup.sh"
BUILD="$PROJECT/build"
VENV="$BUILD/venv"
PYTHON="$VENV/bin/python"
DIST="$BUILD/dist"
LEVEL=${TLSTUDIO_COMPRESSION:-12}  # of zstd: 3 gives 10 % more in a third of the time, 19 takes many times as long

# Two builds of one commit differ in as little as possible: times are the commit's, and names are hashed alike.
cd "$PROJECT"
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || stat -c %Y packaging/CHANGELOG.md)}
export SOURCE_DATE_EPOCH PYTHONHASHSEED=1 LC_ALL=C.UTF-8 TZ=UTC
export PYTHONPATH=$PROJECT TF_CPP_MIN_LOG_LEVEL=2
umask 022

ensure_venv
check_python() {
    # PyInstaller takes the interpreter's library with it, so the interpreter must have one.
    "$PYTHON" - <<'END' || fail "this Python was built without a shared library (--enable-shared); take another one"
import sys, sysconfig
sys.exit(not sysconfig.get_config_var("Py_ENABLE_SHARED") and sys.platform == "linux")
END
}
check_python
ensure_bundle_packages() {
    local stamp="$VENV/installed-bundle" wanted
    wanted=$(cat pyproject.toml packaging/constraints.txt | sha256sum)
    [ ! -f "$stamp" ] || [ "$(cat "$stamp")" != "$wanted" ] || return 0
    say "installing packages; this takes some minutes the first time"
    local pip=("$PYTHON" -m pip --disable-pip-version-check install -q -c packaging/constraints.txt)
    # TensorFlow's build for processors alone is the same program without the part for GPUs, at two thirds of the size.
    "$PYTHON" packaging/bundle_requirements.py >"$BUILD/requirements.txt"
    "${pip[@]}" -r "$BUILD/requirements.txt" >&2 || fail "the packages could not be installed"
    printf '%s\n' "$wanted" >"$stamp"
}
ensure_bundle_packages
ensure_qt_libraries
for tool in zstd dpkg-deb; do
    has "$tool" || install_packages "$tool is missing" zstd dpkg
done

VERSION=$("$PYTHON" -c 'import tlstudio; print(tlstudio.__version__)')
ARCHITECTURE=$(dpkg --print-architecture)
say "building TLStudio $VERSION for $ARCHITECTURE"

"$PYTHON" packaging/make_icons.py resources/icons/tlstudio.svg "$BUILD/icons"
rm -rf "$DIST" "$BUILD/work"
nice -n 10 "$PYTHON" -m PyInstaller --noconfirm --log-level WARN --distpath "$DIST" --workpath "$BUILD/work" \
    packaging/tlstudio.spec
FOLDER="$DIST/tlstudio"
ln -s tlstudio "$FOLDER/tlstudio-cli"
"$PYTHON" packaging/bill_of_materials.py "$BUILD/bundled-files.json" "$FOLDER"

# What the desktop needs to know of the program lies beside it, for the .deb and the installer alike.
SHARE="$FOLDER/share"
mkdir -p "$SHARE/applications" "$SHARE/mime/packages" "$SHARE/man/man1"
install -m 644 resources/bundle/tlstudio.desktop "$SHARE/applications/"
install -m 644 resources/bundle/tlstudio.xml "$SHARE/mime/packages/"
sed "s/@VERSION@/$VERSION/" resources/bundle/tlstudio.1 | gzip -9n >"$SHARE/man/man1/tlstudio.1.gz"
for side in 16 22 24 32 48 64 128 256 512; do
    install -D -m 644 "$BUILD/icons/$side.png" "$SHARE/icons/hicolor/${side}x$side/apps/tlstudio.png"
done
install -D -m 644 resources/icons/tlstudio.svg "$SHARE/icons/hicolor/scalable/apps/tlstudio.svg"
install -m 644 packaging/CHANGELOG.md "$FOLDER/CHANGELOG.md"
install -m 755 packaging/install.sh "$FOLDER/install.sh"
find "$FOLDER" -depth -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +

bash packaging/make-deb.sh "$FOLDER" "$VERSION" "$ARCHITECTURE" "$LEVEL" "$PYTHON"

say "packing the portable archive"
NAME="tlstudio-$VERSION-linux-$(uname -m)"
tar -C "$DIST" --sort=name --mtime="@$SOURCE_DATE_EPOCH" --owner=0 --group=0 --numeric-owner \
    --transform "s,^tlstudio,$NAME,rSh" -cf - tlstudio | nice -n 10 zstd -q -"$LEVEL" -T0 --long=27 -f -o "$DIST/$NAME.tar.zst"
(cd "$DIST" && sha256sum ./*.deb ./*.tar.zst | tee SHA256SUMS)
du -sm "$FOLDER" "$DIST"/*.deb "$DIST"/*.tar.zst
