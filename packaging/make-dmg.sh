#!/usr/bin/env bash
# On macOS, after PyInstaller has made build/dist/TLStudio.app of tlstudio.spec: puts it into a disk image that shows
# it beside a link to Applications. TLSTUDIO_SIGNED_BY names a Developer ID; without it the signature is only ad hoc,
# and people have to allow the program in the system's settings. Not run so far; see packaging/README.md.
set -euo pipefail
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
[ "$(uname -s)" = Darwin ] || { echo "error: disk images are made on macOS" >&2; exit 1; }
APP="$PROJECT/build/dist/TLStudio.app"
[ -d "$APP" ] || { echo "error: $APP is not there; run PyInstaller first" >&2; exit 1; }
VERSION=$(defaults read "$APP/Contents/Info" CFBundleShortVersionString)
IMAGE="$PROJECT/build/dist/tlstudio-$VERSION-macos-$(uname -m).dmg"
STAGE=$(mktemp -d)
trap 'rm -rf "$STAGE"' EXIT

# The twin for terminals: the same program, by the name that scripts use everywhere.
ln -sfn tlstudio "$APP/Contents/MacOS/tlstudio-cli"
codesign --force --deep --timestamp=none --sign "${TLSTUDIO_SIGNED_BY:--}" "$APP"
codesign --verify --deep --strict "$APP"
cp -R "$APP" "$STAGE/"
ln -s /Applications "$STAGE/Applications"
hdiutil create -volname "TLStudio $VERSION" -srcfolder "$STAGE" -format ULFO -ov "$IMAGE"
echo "$IMAGE"
