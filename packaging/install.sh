#!/bin/sh
# Installs TLStudio for one person, without root: copies this folder, and enters the program into the menu.
#   ./install.sh              into ~/.local/opt/tlstudio
#   ./install.sh --uninstall  takes it away again; projects, runs and models of yours stay
set -eu
here=$(cd "$(dirname "$0")" && pwd)
data=${XDG_DATA_HOME:-$HOME/.local/share}
home=$HOME/.local/opt/tlstudio
bin=$HOME/.local/bin

refresh() {
    for step in "update-mime-database $data/mime" "update-desktop-database $data/applications" \
        "gtk-update-icon-cache -q -t -f $data/icons/hicolor"; do
        if command -v "${step%% *}" >/dev/null 2>&1; then $step >/dev/null 2>&1 || true; fi
    done
}

# Every file that is laid outside of the program's folder.
outside() {
    (cd "$1/share" && find . -type f ! -path './man/*' | sed 's,^\./,,')
}

if [ "${1:-}" = --uninstall ]; then
    [ -d "$home" ] || { echo "TLStudio is not installed in $home" >&2; exit 1; }
    outside "$home" | while IFS= read -r file; do rm -f "$data/$file"; done
    for name in tlstudio tlstudio-cli; do
        [ "$(readlink "$bin/$name" 2>/dev/null)" != "$home/$name" ] || rm "$bin/$name"
    done
    rm -rf "$home"
    refresh
    echo "TLStudio is removed."
    exit 0
fi
[ $# -eq 0 ] || { echo "usage: install.sh [--uninstall]" >&2; exit 2; }

if [ "$here" != "$home" ]; then
    # Copied aside first: a stick that is pulled out leaves the version of before.
    mkdir -p "$(dirname "$home")"
    rm -rf "$home.new"
    cp -a "$here" "$home.new"
    rm -rf "$home.old"
    [ ! -e "$home" ] || mv "$home" "$home.old"
    mv "$home.new" "$home"
    rm -rf "$home.old"
fi
mkdir -p "$bin"
for name in tlstudio tlstudio-cli; do ln -sfn "$home/$name" "$bin/$name"; done
outside "$home" | while IFS= read -r file; do
    mkdir -p "$(dirname "$data/$file")"
    cp "$home/share/$file" "$data/$file"
done
# ~/.local/bin may not be searched. A path with blanks must be quoted, which xdg-open does not understand in every
# version, so others are not.
case $home in *[!A-Za-z0-9/._-]*) quote='"' ;; *) quote= ;; esac
sed -i "s|^Exec=tlstudio|Exec=$quote$home/tlstudio$quote|; s|^TryExec=tlstudio|TryExec=$home/tlstudio|" \
    "$data/applications/tlstudio.desktop"
refresh
echo "TLStudio is installed in $home, and in the menu."
