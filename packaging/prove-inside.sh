#!/usr/bin/env bash
# The part of prove-bundle.sh that runs inside the empty system, as its root; the bundle itself runs as the user lab.
set -euo pipefail
cd /proof
export DISPLAY=:7
SAMPLE=/opt/tlstudio/_internal/resources/sample
ROWS=()

say() { printf '== %s\n' "$*"; }
row() { ROWS+=("$(printf '| %-58s | %s |' "$1" "$2")"); say "$1: $2"; }
fail() { echo "NOT PROVED: $*" >&2; picture failed || true; table; exit 1; }
table() { printf '\n| %-58s | measured |\n|%s|---|\n' what "$(printf -- '-%.0s' {1..60})"; printf '%s\n' "${ROWS[@]}"; }
# As the user lab, without a terminal.
lab() { setpriv --reuid lab --regid lab --init-groups env -i HOME=/home/lab USER=lab LANG=C.UTF-8 DISPLAY=:7 \
    PATH=/home/lab/.local/bin:/usr/local/bin:/usr/bin:/bin "$@"; }
picture() { import -window root "/proof/pictures/$1.png"; }
# The value of a field in a line of JSON.
field() { grep -o "\"$1\": *[^,}]*" | head -n 1 | cut -d: -f2- | tr -d ' '; }
seconds() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f s", (b - a) / 1e9 }'; }
window() { lab xdotool search --onlyvisible --name "$1" 2>/dev/null | head -n 1; }
wait_for() { # wait_for SECONDS WHAT COMMAND...
    local until=$(($(date +%s) + $1)) what=$2
    shift 2
    until "$@"; do
        [ "$(date +%s)" -lt "$until" ] || fail "$what did not happen"
        sleep 0.05
    done
}
has_window() { [ -n "$(window "$1")" ]; }
# Start a command as lab and wait until the window is there; sets TIME and PID.
open_window() {
    local began
    began=$(date +%s%N)
    lab setsid "$@" </dev/null >/proof/window.log 2>&1 &
    PID=$!
    wait_for 60 "a window of $*" has_window TLStudio
    TIME=$(seconds "$began" "$(date +%s%N)")
}
close_window() {
    local id
    id=$(window TLStudio)
    lab xdotool windowactivate --sync "$id" key --clearmodifiers alt+F4 2>/dev/null || true
    for _ in $(seq 200); do pgrep -u lab -f tlstudio >/dev/null || return 0; sleep 0.05; done
    fail "the program went on after its window was closed: $(pgrep -u lab -af tlstudio)"
}

say "the system: $(. /etc/os-release && echo "$PRETTY_NAME"), $(nproc) cores"
for name in python3 python python3.11; do ! command -v $name || fail "$name is there"; done
[ "$(ls /sys/class/net 2>/dev/null || awk -F: 'NR > 2 { print $1 }' /proc/net/dev | tr -d ' ')" = lo ] ||
    [ "$(awk -F: 'NR > 2 { print $1 }' /proc/net/dev | tr -d ' ')" = lo ] || fail "there is a network"
row "Python in the system, network devices" "none, $(awk -F: 'NR > 2 { print $1 }' /proc/net/dev | tr -d ' ') alone"

began=$(date +%s%N)
dpkg -i tlstudio_*.deb >/proof/dpkg.log 2>&1 || { cat /proof/dpkg.log; fail "the package is not installed"; }
row ".deb: size, unpacked, installed in" "$(du -m tlstudio_*.deb | cut -f1) MB, $(du -sm /opt/tlstudio | cut -f1) MB, $(seconds "$began" "$(date +%s%N)")"
row ".tar.zst: size" "$(du -m tlstudio-*.tar.zst | cut -f1) MB"
missing=$(find /opt/tlstudio -name '*.so*' -type f -exec env LD_LIBRARY_PATH=/opt/tlstudio/_internal ldd {} + 2>/dev/null |
    awk '/not found/ { print $1 }' | sort -u | tr '\n' ' ')
row "libraries that are linked to and not found" "${missing:-none}"
[ -z "$(echo "$missing" | tr ' ' '\n' | grep -v '^libwayland')" ] || fail "libraries are missing"  # Wayland's are in its sessions

Xvfb :7 -screen 0 1440x900x24 >/proof/xvfb.log 2>&1 &
wait_for 20 "the X server" test -S /tmp/.X11-unix/X7
lab jwm >/proof/jwm.log 2>&1 &
sleep 1

version=$(lab tlstudio-cli --version)
row "tlstudio-cli --version" "$version"
man -w tlstudio >/dev/null 2>&1 || [ -f /usr/share/man/man1/tlstudio.1.gz ] || fail "no manual page"

say "the window"
find /opt/tlstudio -type f -print0 | xargs -0 -I{} dd if={} iflag=nocache count=0 status=none
open_window tlstudio
row "window, cold (the bundle's files not in memory)" "$TIME"
sleep 4
picture window
close_window
times=()
for _ in 1 2 3; do
    open_window tlstudio
    times+=("$TIME")
    sleep 1
    close_window
done
row "window, warm, three times" "${times[*]}"

say "streams that are closed, as a menu may start it"
lab setsid sh -c 'exec tlstudio <&- >&- 2>&-' &
wait_for 60 "a window without streams" has_window TLStudio
sleep 2
close_window
row "opens with its standard streams closed" "yes"

say "in Chinese"
open_window tlstudio --language zh_CN "$SAMPLE/sample.tlstudio"
wait_for 60 "the sample in the window" has_window sample
sleep 3
picture chinese
close_window

say "the sample is trained in the window"
lab mkdir -p /home/lab/Documents
open_window tlstudio "$SAMPLE/sample.tlstudio"
wait_for 60 "the sample in the window" has_window sample
sleep 3
id=$(window TLStudio)
lab xdotool windowactivate --sync "$id" key --clearmodifiers F5
began=$(date +%s%N)
finished() { grep -qs '"type": *"run_finished"' /home/lab/Documents/TLStudio/*/runs/*/events.jsonl; }
training() { grep -qs '"type": *"epoch_finished"' /home/lab/Documents/TLStudio/*/runs/*/events.jsonl; }
wait_for 180 "an epoch in the window" training
worker=$(pgrep -u lab -f -- --worker) || fail "no worker process trains"
grep -q libopenvino_intel_cpu_plugin "/proc/$worker/maps" || fail "OpenVINO did not compute the frozen part"
row "the frozen part is computed by" "$(grep -o 'libopenvino_intel_cpu_plugin.*' "/proc/$worker/maps" | head -n 1), in the worker"
picture training
wait_for 180 "the end of the run in the window" finished
accuracy=$(grep '"type": *"run_finished"' /home/lab/Documents/TLStudio/*/runs/*/events.jsonl | grep -o '"test": *{[^}]*}' | field accuracy)
row "sample trained in the window by F5: test accuracy, time" "$accuracy, $(seconds "$began" "$(date +%s%N)")"
awk -v a="$accuracy" 'BEGIN { exit !(a >= 0.95) }' || fail "the accuracy is too small"
sleep 2
picture trained
close_window

say "the twin for terminals"
began=$(date +%s%N)
lab tlstudio-cli demo --out /home/lab/demo --json >/proof/demo.json 2>/proof/demo.log || { cat /proof/demo.log; fail demo; }
accuracy=$(grep -o '"test": *{[^}]*}' /proof/demo.json | field accuracy)
row "tlstudio-cli demo: test accuracy, time" "$accuracy, $(seconds "$began" "$(date +%s%N)")"
awk -v a="$accuracy" 'BEGIN { exit !(a >= 0.95) }' || fail "the accuracy is too small"
! grep -qi 'warning' /proof/demo.log || { grep -i warning /proof/demo.log; fail "demo warns"; }
grep -o '"engine":"[^"]*"' /home/lab/demo/events.jsonl | sort -u || true

say "the trained model in every format, each loaded again by its own reader"
for format in keras hdf5 savedmodel tflite onnx; do
    began=$(date +%s%N)
    lab tlstudio-cli export /home/lab/demo --format $format --out "/home/lab/exported.${format/savedmodel/folder}" --json \
        >/proof/export.json 2>/proof/export.log || { cat /proof/export.log; fail "export as $format"; }
    ! grep -qi 'warning' /proof/export.log || { grep -i warning /proof/export.log; fail "export as $format warns"; }
    row "export as $format: read by, largest difference, time" \
        "$(grep -o '"reader":"[^"]*"' /proof/export.json | cut -d'"' -f4), $(field largest_difference </proof/export.json), $(seconds "$began" "$(date +%s%N)")"
done
model=/home/lab/exported.keras
lab tlstudio-cli predict "$model" "$SAMPLE/images/test/seven" --json >/proof/predict.json 2>/proof/predict.log ||
    { cat /proof/predict.log; fail predict; }
all=$(grep -o '"class":' /proof/predict.json | wc -l)
right=$({ grep -o '"class":"seven"' /proof/predict.json || true; } | wc -l)
row "predict with $(basename "$model"): sevens taken for sevens" "$right of $all"
[ "$all" -gt 0 ] && [ "$right" -ge $((all * 9 / 10)) ] || { head -c 600 /proof/predict.json; fail "too few"; }

say "a run that is killed goes on"
plan=(--strategy init --epochs 12 --patience 12 --seed 5)
lab tlstudio-cli train "$SAMPLE/model.hdf5" "$SAMPLE/images" --out /home/lab/whole "${plan[@]}" --json \
    >/proof/whole.json 2>/proof/whole.log || { cat /proof/whole.log; fail train; }
lab tlstudio-cli train "$SAMPLE/model.hdf5" "$SAMPLE/images" --out /home/lab/killed "${plan[@]}" --json \
    >/proof/killed.json 2>/proof/killed.log &
epochs() { [ "$(cat /home/lab/killed/events.jsonl 2>/dev/null | grep -c '"type": *"epoch_finished"')" -ge 4 ]; }
wait_for 120 "four epochs" epochs
pkill -9 -u lab -f -- '--out /home/lab/killed'
wait 2>/dev/null $! || true
[ ! -s /proof/killed.json ] || fail "the run was over before it was killed"
lab tlstudio-cli resume /home/lab/killed --json >/proof/resumed.json 2>/proof/resumed.log || { cat /proof/resumed.log; fail resume; }
history() { cut -d, -f1-5 "/home/lab/$1/history.csv"; }
same=$(diff <(history whole) <(history killed) >/proof/history.diff && echo "the same numbers as without" || echo "OTHER NUMBERS")
row "killed by signal 9 after 4 epochs, resumed to 12" "$same"
[ "$same" = "the same numbers as without" ] || { cat /proof/history.diff; fail resume; }

say "a project is opened by its file"
lab cp -r "$SAMPLE" /home/lab/project
chmod -R u+w /home/lab/project
row "file type of sample.tlstudio, opened by" "$(lab xdg-mime query filetype /home/lab/project/sample.tlstudio), $(lab xdg-mime query default application/x-tlstudio)"
open_window xdg-open /home/lab/project/sample.tlstudio
wait_for 60 "the project in the window" has_window sample
row "xdg-open sample.tlstudio: its window after" "$TIME"
sleep 3
picture xdg-open
close_window

say "removed, and installed again without root"
dpkg -r tlstudio >/dev/null
[ ! -e /opt/tlstudio ] || fail "removing the package left $(find /opt/tlstudio | head -n 3)"
lab mkdir -p /home/lab/stick
began=$(date +%s%N)
lab tar -C /home/lab/stick --zstd -xf /proof/tlstudio-*.tar.zst
lab sh -c '/home/lab/stick/*/install.sh' >/proof/install.log
row "archive unpacked and installed by its user in" "$(seconds "$began" "$(date +%s%N)")"
rm -rf /home/lab/stick
SAMPLE=/home/lab/.local/opt/tlstudio/_internal/resources/sample
[ "$(lab tlstudio-cli --version)" = "$version" ] || fail "another version"
lab tlstudio-cli predict /home/lab/demo "$SAMPLE/images/test/nine" --json >/proof/predict.json 2>/proof/predict.log ||
    { cat /proof/predict.log; fail predict; }
row "predict with the run, by the installed archive: nines" "$(grep -o '"class":"nine"' /proof/predict.json | wc -l) of $(grep -o '"class":' /proof/predict.json | wc -l)"
open_window xdg-open /home/lab/project/sample.tlstudio
wait_for 60 "the project in the window" has_window sample
row "xdg-open after install.sh: its window after" "$TIME"
sleep 2
picture installed
close_window
lab /home/lab/.local/opt/tlstudio/install.sh --uninstall >/dev/null
left=$(find /home/lab/.local -iname '*tlstudio*' ! -path '*/share/tlstudio*' ! -path '*/share/TLStudio*' | tr '\n' ' ')
row "left after --uninstall, beside the person's own" "${left:-nothing}"
[ -z "$left" ] || fail "$left"
table
