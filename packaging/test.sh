#!/usr/bin/env bash
# Sets TLStudio up and runs the checks and tests: the short ones, or every one with --all. Further arguments
# go to pytest.
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
exec "$PYTHON" -m pytest "${selection[@]}" "$@"
