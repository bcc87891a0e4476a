# Sourced by run.sh, test.sh and bench.sh: an environment beside the project, with pinned packages and what Qt
# needs of the system. A second call only checks. Sets VENV and PYTHON; expects PROJECT to be set. Where KIT names a
# folder that make-offline-kit.sh has made, everything comes from there and no network is needed.

VENV="$PROJECT/.venv"
PYTHON="$VENV/bin/python"

say() { printf '%s\n' "$*" >&2; }
fail() { say "error: $*"; exit 1; }
has() { command -v "$1" >/dev/null 2>&1; }

# install_packages WHY PACKAGE...: as root install them, otherwise print the one command to type.
install_packages() {
    local why=$1
    shift
    if [ -n "${KIT:-}" ]; then
        install_from_kit "$why"
        return
    fi
    has apt-get || fail "$why, and this system has no apt-get. Install what corresponds to: $*"
    if [ "$(id -u)" -ne 0 ]; then
        fail "$why. Type this command, then start again:
    sudo apt-get update && sudo apt-get install -y --no-install-recommends $*"
    fi
    say "$why; installing: $*"
    apt-get update -qq >&2 || fail "the list of Debian packages could not be fetched"
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "$@" >/dev/null ||
        fail "the packages could not be installed: $*"
}

# install_from_kit WHY: the Debian packages of the kit, as root; otherwise print the one command to type.
install_from_kit() {
    ls "$KIT"/debs/*.deb >/dev/null 2>&1 || fail "$1, and the kit holds no Debian packages"
    if [ "$(id -u)" -ne 0 ]; then
        fail "$1. Type this command, then start again:
    sudo dpkg -i '$KIT'/debs/*.deb"
    fi
    say "$1; installing what the kit holds"
    dpkg -i "$KIT"/debs/*.deb >/dev/null || fail "the kit's Debian packages could not be installed"
}

# Whether the kit is whole and made for this Python; ensure_venv BASE has found one.
check_kit() {
    [ -f "$KIT/kit.txt" ] || fail "$KIT is no kit; packaging/make-offline-kit.sh makes one"
    (cd "$KIT" && sha256sum --quiet -c SHA256SUMS >&2) || fail "the kit is damaged; copy it again"
    local made here
    made=$(sed -n 's/^python //p' "$KIT/kit.txt")
    here=$("$1" -c "$PLATFORM")
    [ "$made" = "$here" ] || fail "the kit was made for Python $made, and this is $here"
}
PLATFORM='import platform, sys; print("%d.%d" % sys.version_info[:2], platform.system(), platform.machine())'

find_python() {
    local candidate
    for candidate in python3 python3.13 python3.12 python3.11; do
        has "$candidate" || continue
        if "$candidate" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'; then
            echo "$candidate"
            return
        fi
    done
    fail "Python 3.11, 3.12 or 3.13 is needed and was not found. Install python3 (Debian 12 and Ubuntu 24.04 have it)"
}

ensure_venv() {
    if [ -x "$PYTHON" ] && "$PYTHON" -c 'import pip' 2>/dev/null; then
        return
    fi
    local base
    base=$(find_python) || exit 1
    if [ -n "${KIT:-}" ]; then
        check_kit "$base"
        say "making the environment in $VENV"
        rm -rf "$VENV"
        # The kit brings pip, which starts from its archive: Debian's Python has none without a further package.
        "$base" -m venv --without-pip "$VENV" && "$PYTHON" "$(ls "$KIT"/wheels/pip-*.whl)/pip" install -q --no-index \
            --find-links "$KIT/wheels" pip >&2 || fail "the environment could not be made in $VENV"
        return
    fi
    if ! "$base" -c 'import venv, ensurepip' 2>/dev/null; then
        local package=python3-venv
        [ "$base" = python3 ] || package="$base-venv"
        install_packages "Python's venv module is missing" "$package"
    fi
    say "making the environment in $VENV"
    rm -rf "$VENV"
    "$base" -m venv "$VENV" || fail "the environment could not be made in $VENV"
}

# ensure_packages [EXTRA]: pinned packages, and the project itself, so that edits count at once.
ensure_packages() {
    local extra=${1:-} stamp="$VENV/installed${1:+-$1}" wanted
    wanted=$(cat "$PROJECT/pyproject.toml" "$PROJECT/packaging/constraints.txt" "$VENV/pyvenv.cfg" | sha256sum)
    wanted="$wanted $PROJECT"
    if [ -f "$stamp" ] && [ "$(cat "$stamp")" = "$wanted" ]; then
        return
    fi
    say "installing packages; this takes some minutes the first time"
    local pip=("$PYTHON" -m pip --disable-pip-version-check install -q -c "$PROJECT/packaging/constraints.txt")
    if [ -n "${KIT:-}" ]; then
        check_kit "$PYTHON"
        pip+=(--no-index --find-links "$KIT/wheels")
    fi
    "${pip[@]}" setuptools >&2 && "${pip[@]}" --no-build-isolation -e "$PROJECT${extra:+[$extra]}" >&2 ||
        fail "the packages could not be installed. Is there a connection to the package index?"
    # pip's hook for editable installs loses against a folder that is named tlstudio, as a fresh clone is, where
    # python -m tlstudio is typed beside it; a plain path does not.
    "$PYTHON" -c 'import pathlib, sys, sysconfig
pathlib.Path(sysconfig.get_path("purelib"), "tlstudio-source.pth").write_text(sys.argv[1] + "\n")' "$PROJECT"
    printf '%s\n' "$wanted" >"$stamp"
}

# package_of LIBRARY: the Debian package that brings a system library of Qt's.
package_of() {
    case $1 in
        libEGL.so.1) echo libegl1 ;;
        libGL.so.1) echo libgl1 ;;
        libOpenGL.so.0) echo libopengl0 ;;
        libGLX.so.0) echo libglx0 ;;
        libxkbcommon.so.0) echo libxkbcommon0 ;;
        libxkbcommon-x11.so.0) echo libxkbcommon-x11-0 ;;
        libdbus-1.so.3) echo libdbus-1-3 ;;
        libfontconfig.so.1) echo libfontconfig1 ;;
        libfreetype.so.6) echo libfreetype6 ;;
        libglib-2.0.so.0 | libgthread-2.0.so.0 | libgobject-2.0.so.0 | libgio-2.0.so.0) glib_package ;;
        libX11.so.6) echo libx11-6 ;;
        libX11-xcb.so.1) echo libx11-xcb1 ;;
        libxcb.so.1) echo libxcb1 ;;
        libxcb-cursor.so.0) echo libxcb-cursor0 ;;
        libxcb-icccm.so.4) echo libxcb-icccm4 ;;
        libxcb-image.so.0) echo libxcb-image0 ;;
        libxcb-keysyms.so.1) echo libxcb-keysyms1 ;;
        libxcb-randr.so.0) echo libxcb-randr0 ;;
        libxcb-render.so.0) echo libxcb-render0 ;;
        libxcb-render-util.so.0) echo libxcb-render-util0 ;;
        libxcb-shape.so.0) echo libxcb-shape0 ;;
        libxcb-shm.so.0) echo libxcb-shm0 ;;
        libxcb-sync.so.1) echo libxcb-sync1 ;;
        libxcb-util.so.1) echo libxcb-util1 ;;
        libxcb-xfixes.so.0) echo libxcb-xfixes0 ;;
        libxcb-xkb.so.1) echo libxcb-xkb1 ;;
        libxcb-glx.so.0) echo libxcb-glx0 ;;
        libSM.so.6) echo libsm6 ;;
        libICE.so.6) echo libice6 ;;
        libz.so.1) echo zlib1g ;;
        libzstd.so.1) echo libzstd1 ;;
        *) return 1 ;;
    esac
}

glib_package() {
    # Ubuntu 24.04 and Debian 13 renamed it for 64-bit time.
    if apt-cache show libglib2.0-0t64 >/dev/null 2>&1; then echo libglib2.0-0t64; else echo libglib2.0-0; fi
}

missing_libraries() {
    local qt
    qt=$("$PYTHON" -c 'import importlib.util as u; print(u.find_spec("PySide6").submodule_search_locations[0])')
    find "$qt" -maxdepth 1 -name 'Qt*.so' -print0 |
        xargs -0 ldd "$qt"/Qt/plugins/platforms/lib{qxcb,qoffscreen}.so 2>/dev/null |
        awk '/not found/ { print $1 }' | sort -u
}

ensure_qt_libraries() {
    local missing library package packages=() unknown=()
    missing=$(missing_libraries)
    if [ -n "$missing" ]; then
        [ -z "${KIT:-}" ] && has apt-cache && [ "$(id -u)" -eq 0 ] && apt-get update -qq >&2
        for library in $missing; do
            if package=$(package_of "$library"); then packages+=("$package"); else unknown+=("$library"); fi
        done
        [ ${#unknown[@]} -eq 0 ] || say "note: no package is known for ${unknown[*]}"
    fi
    if ! has fc-list || [ -z "$(fc-list : family 2>/dev/null | head -n 1)" ]; then
        packages+=(fontconfig fonts-dejavu-core fonts-wqy-microhei)
    fi
    if [ ${#packages[@]} -gt 0 ]; then
        install_packages "Qt's system libraries are not complete" $(printf '%s\n' "${packages[@]}" | sort -u)
        missing=$(missing_libraries)
        [ -z "$missing" ] || fail "these system libraries are still missing: $(echo $missing)"
    fi
}

set_up() {
    ensure_venv
    ensure_packages "$@"
    ensure_qt_libraries
}
