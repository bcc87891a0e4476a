#!/usr/bin/env bash
# Sets TLStudio up where that is still to be done, and opens the window: with the given model, image folder or
# project, or with the sample. Where there is no display it does the sample's whole job in an invisible window
# and leaves pictures of it, the trained model and a report in ./tlstudio-demo (or in $TLSTUDIO_DEMO).
set -euo pipefail
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$PROJECT/packaging/setup.sh"
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
