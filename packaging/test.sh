#!/usr/bin/env bash
# Sets TLStudio up and runs the checks and tests: the short ones, or every one with --all. Further arguments
# go to pytest, whose two processes each keep one core busy and grow to 4 GB (-n 0: everything in one).
set -euo pipefail
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$PROJECT/packaging/setup.sh"
set_up dev
cd "$PROJECT"

selection=(-m "not long")
if [ "${1:-}" = --all ]; then
    selection=()
    shift
fi
export QT_QPA_PLATFORM=offscreen
bin="$VENV/bin"
"$bin/ruff" check .
"$bin/ruff" format --check --quiet . || fail "some files are not formatted; run: ruff format ."
"$bin/mypy"
"$bin/lint-imports"
# A file's tests stay together, and files in their order: those of the window come before TensorFlow is loaded.
exec "$PYTHON" -m pytest "${selection[@]}" -n 2 --dist loadfile --no-loadscope-reorder "$@"
