#!/usr/bin/env bash
# Brings the translations up to date with the texts of the program: resources/translations/*.ts are edited (by
# hand, or with Qt Linguist), *.qm are made from them. English needs a file for its plurals alone.
set -euo pipefail
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$PROJECT"
bin=${VENV:-$PROJECT/.venv}/bin
mapfile -t sources < <(find tlstudio -name '*.py' | sort)
"$bin/pyside6-lupdate" "${sources[@]}" -no-obsolete -locations none -source-language en -target-language zh_CN \
    -ts resources/translations/tlstudio_zh_CN.ts
"$bin/pyside6-lupdate" "${sources[@]}" -no-obsolete -locations none -source-language en -target-language en \
    -pluralonly -ts resources/translations/tlstudio_en.ts
for language in en zh_CN; do
    # Renamed into its place: a program that is open has the old one mapped, and dies if its bytes change.
    "$bin/pyside6-lrelease" "resources/translations/tlstudio_$language.ts" -qm "resources/translations/$language.part"
    mv "resources/translations/$language.part" "resources/translations/tlstudio_$language.qm"
done
