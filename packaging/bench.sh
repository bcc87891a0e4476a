#!/usr/bin/env bash
# Runs a benchmark of tests/benchmarks: bench.sh NAME [ARGUMENTS]. Without a name it lists them.
set -euo pipefail
PROJECT=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
. "$PROJECT/packaging/setup.sh"
set_up dev
cd "$PROJECT"
if [ $# -eq 0 ] || [ ! -f "tests/benchmarks/$1.py" ]; then
    say "usage: bench.sh NAME, where NAME is one of: $(cd tests/benchmarks && ls ./*.py | sed 's|^./||; s|.py$||' | grep -v __init__ | tr '\n' ' ')"
    exit 2
fi
name=$1
shift
exec "$PYTHON" -m "tests.benchmarks.$name" "$@"
