#!/usr/bin/env bash
# Called by build.sh: make-deb.sh FOLDER VERSION ARCHITECTURE LEVEL PYTHON puts the bundle into a .deb beside FOLDER.
set -euo pipefail
FOLDER=$1 VERSION=$2 ARCHITECTURE=$3 LEVEL=$4 PYTHON=$5
PACKAGING=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT="$FOLDER-deb"
DEB="$(dirname "$FOLDER")/tlstudio_${VERSION}_$ARCHITECTURE.deb"
trap 'rm -rf "$ROOT"' EXIT

rm -rf "$ROOT"
mkdir -p "$ROOT/opt" "$ROOT/usr/bin" "$ROOT/usr/share/doc/tlstudio" "$ROOT/DEBIAN"
cp -al "$FOLDER" "$ROOT/opt/tlstudio"  # links: the bundle is not written a second time
rm "$ROOT/opt/tlstudio/install.sh"
mv "$ROOT/opt/tlstudio/share/"* "$ROOT/usr/share/"
rmdir "$ROOT/opt/tlstudio/share"
ln -s tlstudio.1.gz "$ROOT/usr/share/man/man1/tlstudio-cli.1.gz"
ln -s /opt/tlstudio/tlstudio "$ROOT/usr/bin/tlstudio"
ln -s /opt/tlstudio/tlstudio "$ROOT/usr/bin/tlstudio-cli"
{
    cat "$PACKAGING/../resources/sample/ATTRIBUTION.md"
    printf '\nThe works of others in this package and their licences: /opt/tlstudio/LICENSES.txt\n'
} >"$ROOT/usr/share/doc/tlstudio/copyright"
gzip -9n <"$FOLDER/CHANGELOG.md" >"$ROOT/usr/share/doc/tlstudio/changelog.gz"

DEPENDS=$("$PYTHON" "$PACKAGING/host_needs.py" "$FOLDER")  # not below: a here-document hides failures
cat >"$ROOT/DEBIAN/control" <<END
Package: tlstudio
Version: $VERSION
Architecture: $ARCHITECTURE
Maintainer: The TLStudio project <tlstudio@localhost>
Installed-Size: $(du -sk --apparent-size "$ROOT" | cut -f1)
Depends: $DEPENDS
Recommends: xdg-utils, xdg-desktop-portal, fonts-noto-cjk | fonts-wqy-microhei
Section: science
Priority: optional
Description: transfer learning of image classifiers, without a network connection
 TLStudio trains image classifiers from networks that somebody else has trained,
 on workstations that have no connection to a network.
 .
 Everything it needs is inside: Python, TensorFlow, Keras and Qt.
END
# Desktops look up new kinds of files and menu entries in databases of their own.
for step in postinst postrm; do
    cat >"$ROOT/DEBIAN/$step" <<'END'
#!/bin/sh
set -e
update() { if command -v "$1" >/dev/null; then "$@" >/dev/null 2>&1 || true; fi; }
update update-mime-database /usr/share/mime
update update-desktop-database /usr/share/applications
update gtk-update-icon-cache -q -t -f /usr/share/icons/hicolor
END
    chmod 755 "$ROOT/DEBIAN/$step"
done
find "$ROOT" -path "$ROOT/opt/tlstudio" -prune -o -print0 | xargs -0 touch -h -d "@$SOURCE_DATE_EPOCH"
nice -n 10 dpkg-deb --root-owner-group -Zzstd -z"$LEVEL" --build "$ROOT" "$DEB" >/dev/null
