#!/usr/bin/env bash
# Opens the real window on the sample photos under a virtual screen, and checks that it draws them and asks the network
# for nothing.
# Usage: tests/window.sh [SCREENSHOT.png]   (the picture needs ImageMagick; the check does not)
set -euo pipefail
cd "$(dirname "$0")/.."

data=$(mktemp -d)
display=:$((90 + RANDOM % 900))
Xvfb "$display" -screen 0 1280x800x24 >/dev/null 2>&1 &
screen=$!
# The window first: one that loses its screen dies noisily.
trap '{ kill "${window:-}" && wait "$window"; kill "$screen"; } 2>/dev/null || true; rm -rf "$data"' EXIT
export DISPLAY=$display LIBGL_ALWAYS_SOFTWARE=1
unset WAYLAND_DISPLAY

for _ in $(seq 100); do
  xdotool getmouselocation >/dev/null 2>&1 && break
  sleep 0.1
done

program=${CARGO_TARGET_DIR:-target}/debug/tagroll
[ -x "$program" ] || cargo build --locked
watch=()
if strace -o /dev/null true 2>/dev/null; then
  # -D: the window keeps the process number that the shell knows.
  watch=(strace -D -f -qq -e trace=socket -o "$data/calls")
else
  echo "SKIPPED: watching for connections, because strace cannot be used here"
fi
"${watch[@]}" "$program" --data-dir "$data" assets/sample &
window=$!

# Photos have thousands of colours; a window without them has a few hundred.
colours() { xwd -root -silent 2>/dev/null | tail -c +3400 | od -An -v -tx4 -w4 | sort -u | wc -l; }
for _ in $(seq 120); do
  kill -0 "$window" 2>/dev/null || { echo "The window closed by itself."; exit 1; }
  if xdotool search --onlyvisible --name Tagroll >/dev/null 2>&1 && [ "$(colours)" -gt 4000 ]; then
    echo "The window shows the sample photos ($(colours) colours)."
    if [ ${#watch[@]} -gt 0 ]; then
      grep -q AF_UNIX "$data/calls" || { echo "No socket was seen, not even the screen's."; exit 1; }
      if grep AF_INET "$data/calls"; then echo "The window opened a connection."; exit 1; fi
      echo "It opened no connection."
    fi
    if [ $# -gt 0 ]; then sleep 3; import -window root "$1"; fi
    exit 0
  fi
  sleep 0.5
done
echo "No photos on the screen after a minute."
exit 1
