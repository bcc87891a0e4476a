#!/usr/bin/env bash
# Gathers all that packaging/run.sh would fetch, for machines of this one's kind (Python's version, system and
# processor) without a network: make-offline-kit.sh KIT [EXTRA]. There, run.sh --offline KIT installs from it.
# EXTRA is one of pyproject.toml's extras: dev for test.sh, gpu for NVIDIA's libraries.
#
# Debian packages that Qt needs and that a desktop may lack are gathered, too, where apt-get is there; they are of this
# machine's release of Debian or Ubuntu.
set -euo pipefail
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$PROJECT/packaging/setup.sh"
[ $# -ge 1 ] || fail "usage: make-offline-kit.sh KIT [EXTRA]"
OUT=$1 EXTRA=${2:-}
[ ! -e "$OUT" ] || fail "$OUT exists already"
LIBRARIES="libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-render-util0 libxcb-util1
    libxkbcommon-x11-0"

base=$(find_python)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
"$base" -m venv "$work/venv" || fail "an environment to gather with could not be made"
mkdir -p "$OUT/wheels"
pip=("$work/venv/bin/python" -m pip --disable-pip-version-check)
say "gathering packages; this takes some minutes"
"${pip[@]}" download -q -d "$OUT/wheels" --only-binary=:all: -c "$PROJECT/packaging/constraints.txt" \
    pip setuptools wheel >&2
"${pip[@]}" install -q -c "$PROJECT/packaging/constraints.txt" setuptools >&2
"${pip[@]}" download -q -d "$OUT/wheels" --prefer-binary -c "$PROJECT/packaging/constraints.txt" \
    --no-build-isolation "$PROJECT${EXTRA:+[$EXTRA]}" >&2 || fail "the packages could not be gathered"
rm -f "$OUT"/wheels/tlstudio-*
if ls "$OUT"/wheels/*.tar.gz "$OUT"/wheels/*.zip >/dev/null 2>&1; then
    # Others would have to compile them.
    "${pip[@]}" wheel -q --no-deps -w "$OUT/wheels" "$OUT"/wheels/*.tar.gz >&2
    rm -f "$OUT"/wheels/*.tar.gz "$OUT"/wheels/*.zip
fi
if has apt-get; then
    mkdir "$OUT/debs"
    (cd "$OUT/debs" && apt-get download -qq $LIBRARIES >&2) || { rm -r "$OUT/debs"; say "note: no Debian packages could be gathered"; }
fi
{
    echo "python $("$base" -c "$PLATFORM")"
    echo "extra ${EXTRA:-none}"
    [ ! -f /etc/os-release ] || (. /etc/os-release && echo "system $PRETTY_NAME")
} >"$OUT/kit.txt"
(cd "$OUT" && find . -type f ! -name SHA256SUMS | sort | xargs -d '\n' sha256sum >SHA256SUMS)
say "$(find "$OUT/wheels" -name '*.whl' | wc -l) packages, $(du -sm "$OUT" | cut -f1) MB in $OUT"
