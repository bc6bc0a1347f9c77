#!/usr/bin/env bash
# Starts a program that opens Tagroll's window on a virtual screen, and says how long it takes until the window is drawn and
# until it shows photos.
# Usage: packaging/linux/first-frame.sh [--picture FILE.png] COMMAND…   (the picture is made where ImageMagick is)
set -euo pipefail

picture=''
if [ "$1" = --picture ]; then picture=$2; shift 2; fi
scratch=$(mktemp -d)
display=:$((90 + RANDOM % 900))
Xvfb "$display" -screen 0 1280x800x24 >/dev/null 2>&1 &
screen=$!
trap 'kill "${window:-}" "$screen" 2>/dev/null || true; rm -rf "$scratch"' EXIT
export DISPLAY=$display LIBGL_ALWAYS_SOFTWARE=1
unset WAYLAND_DISPLAY
for _ in $(seq 600); do
  xwd -root -silent >"$scratch/empty" 2>/dev/null && break
  sleep 0.1
done

look() { xwd -root -silent | tail -c +3400; }
# Photos have thousands of colours; a window without them has a few hundred.
colours() { look | od -An -v -tx4 -w4 | sort -u | wc -l; }
now() { date +%s%N; }
look >"$scratch/empty"

begun=$(now)
"$@" >"$scratch/said" 2>&1 &
window=$!
# Waits until "$@" holds; prints the milliseconds since the start.
wait_for() {
  until "$@"; do
    kill -0 "$window" 2>/dev/null || { echo "The window closed by itself:" >&2; cat "$scratch/said" >&2; exit 1; }
    [ $(($(now) - begun)) -lt 120000000000 ] || { echo "Nothing was drawn within two minutes." >&2; exit 1; }
  done
  echo $((($(now) - begun) / 1000000))
}
has_frame() { ! look | cmp -s - "$scratch/empty"; }
has_photos() { [ "$(colours)" -gt 4000 ]; }

echo "Window drawn after $(wait_for has_frame) ms."
echo "Photos shown after $(wait_for has_photos) ms ($(colours) colours)."
if [ -n "$picture" ] && command -v import >/dev/null; then sleep 3; import -window root "$picture"; fi
