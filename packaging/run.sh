#!/usr/bin/env bash
# Sets TLStudio up where that is still to be done, and opens the window: with the given model, image folder or
# project, or with the sample. Where there is no display it does the sample's whole job in an invisible window
# and leaves pictures of it, the trained model and a report in ./tlstudio-demo (or in $TLSTUDIO_DEMO).
# run.sh --offline KIT [PATH] takes what is to be installed from a kit of make-offline-kit.sh, without a network.
set -euo pipefail
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$PROJECT/packaging/setup.sh"
if [ "${1:-}" = --offline ]; then
    [ -d "${2:-}" ] || fail "--offline needs the folder that packaging/make-offline-kit.sh has made"
    KIT=$(cd "$2" && pwd)
    shift 2
fi
set_up

if [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    [ $# -gt 0 ] || set -- "$PROJECT/resources/sample/sample.tlstudio"
    exec "$VENV/bin/tlstudio" "$@"
fi

out=${TLSTUDIO_DEMO:-$PWD/tlstudio-demo}
number=1
while [ -e "$out" ]; do
    number=$((number + 1))
    out=${TLSTUDIO_DEMO:-$PWD/tlstudio-demo}-$number
done
say "There is no display, so no window can be seen. The sample is trained in an invisible one instead."
QT_QPA_PLATFORM=offscreen "$VENV/bin/tlstudio" demo --window --out "$out"
say "Pictures of the window, the trained model and the report are in $out:"
find "$out" \( -name '*.png' -o -name 'best.*' -o -name 'report.html' \) | sort
