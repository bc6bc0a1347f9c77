#!/usr/bin/env bash
# Installs, runs and removes the Windows package under Wine, in a Windows of its own that is thrown away afterwards.
# Usage: packaging/windows/test.sh INSTALLER.exe LINUX_PROGRAM [PHOTOS]
#   LINUX_PROGRAM   a `tagroll` for this machine, which must sort the photos in the same order
#   PHOTOS          a folder; without it, the sample photos
# Needs wine64, wine, gcc-mingw-w64-x86-64, xvfb, xdotool, x11-apps, imagemagick and python3. With PICTURES set, pictures of the window stay there.
set -euo pipefail
installer=$(realpath "$1") linux=$(realpath "$2")
cd "$(dirname "$0")/../.."
photos=$(realpath "${3:-assets/sample}")

scratch=$(mktemp -d)
pictures=${PICTURES:-$scratch}
export WINEPREFIX=$scratch/wine WINEDEBUG=-all LIBGL_ALWAYS_SOFTWARE=1
# Wine shall neither download anything nor write into this system's menus.
export WINEDLLOVERRIDES='mscoree,mshtml=;winemenubuilder.exe=d'
unset WAYLAND_DISPLAY
export DISPLAY=:$((90 + RANDOM % 900))
Xvfb "$DISPLAY" -screen 0 1280x800x24 >/dev/null 2>&1 &
screen=$!
trap 'wineserver -k 2>/dev/null || true; kill "$screen" 2>/dev/null || true; rm -rf "$scratch"' EXIT

fail() { echo "FAILED: $*" >&2; exit 1; }
# Every program of the Windows has ended, and its registry is written.
settle() { wineserver -w; }
listing() { (cd "$WINEPREFIX/drive_c" && find . -not -path '*/Temp/*' | LC_ALL=C sort); }
sums() { (cd "$photos" && find . -type f -print0 | sort -z | xargs -0 sha256sum); }

wineboot --init >/dev/null 2>&1
# Wine begins as Windows 7.
if wine "$installer" /S; then fail "it was installed on a Windows that is too old"; fi
winecfg -v win10
settle
# Every Windows 10 has this library, where Rust's own takes random numbers from; Wine 8 has not.
prng=$WINEPREFIX/drive_c/windows/system32/bcryptprimitives.dll
if [ ! -e "$prng" ]; then
  cat >"$scratch/prng.c" <<'END'
#include <windows.h>
BOOLEAN NTAPI SystemFunction036(PVOID, ULONG);
__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE bytes, SIZE_T count) { return SystemFunction036(bytes, count); }
END
  x86_64-w64-mingw32-gcc -shared -o "$prng" "$scratch/prng.c" -ladvapi32
fi
listing >"$scratch/before"
sums >"$scratch/photos-before"
local_data=$WINEPREFIX/drive_c/users/$(id -un)/AppData/Local
folder=$local_data/Programs/Tagroll
library=$local_data/tagroll/data

echo "== Install in silence, then once more over it"
for _ in first second; do
  wine "$installer" /S || fail "the installer ended with $?"
  settle
  for file in tagroll.exe tagrollw.exe uninstall.exe sample/cat.jpg; do
    [ -s "$folder/$file" ] || fail "$file was not installed"
  done
done
(cd "$folder" && du -k --apparent-size -s . && find . | LC_ALL=C sort | tr '\n' ' ' && echo)
windows_path() { wine winepath -w "$1" | tr -d '\r'; }
value() { wine reg query "HKCU\\Software\\$1" "${@:2}" | tr -d '\r' | sed -n 's/^ .*REG_[A-Z]* *//p'; }
apps='Microsoft\Windows\CurrentVersion\Uninstall\Tagroll'
for name in DisplayName DisplayVersion Publisher EstimatedSize UninstallString; do
  echo "Apps: $name = $(value "$apps" /v "$name")"
done
for kind in Directory 'Directory\Background' Drive; do
  echo "$kind: $(value "Classes\\$kind\\shell\\Tagroll" /ve), $(value "Classes\\$kind\\shell\\Tagroll\\command" /ve)"
done
wine "$folder/tagroll.exe" --version || fail "tagroll.exe ended with $?"

echo "== Sort the same photos on Linux and Windows"
categories=()
for name in bird boat building car cat dog fish food insect landscape person train; do categories+=(--category "$name"); done
linux() { "$linux" "$@" --json --data-dir "$scratch/linux"; }
windows() { wine "$folder/tagroll.exe" "$@" --json; }
place=$(windows_path "$photos")
linux sort "$photos" "${categories[@]}" >"$scratch/linux-sort.json" 2>/dev/null
windows sort "$place" "${categories[@]}" >"$scratch/windows-sort.json" 2>/dev/null || fail "tagroll.exe sort ended with $?"
linux embed "$photos" >"$scratch/linux-embed.json" 2>/dev/null
windows embed "$place" >"$scratch/windows-embed.json" 2>/dev/null || fail "tagroll.exe embed ended with $?"
python3 - "$scratch" <<'END'
import json, math, pathlib, sys

read = lambda name: json.loads((pathlib.Path(sys.argv[1]) / name).read_text())
# The folder and the name, which are the same on both systems.
name = lambda path: path.replace("\\", "/").split("/")[-2:]
order = lambda system: [(name(photo["path"]), photo["category"]) for photo in read(f"{system}-sort.json")["photos"]]
vectors = lambda system: {tuple(name(one["path"])): one["vector"] for one in read(f"{system}-embed.json")["embeddings"]}
dot = lambda a, b: sum(x * y for x, y in zip(a, b))

linux, windows = order("linux"), order("windows")
assert len(linux) > 0 and linux == windows, [pair for pair in zip(linux, windows) if pair[0] != pair[1]][:5]
a, b = vectors("linux"), vectors("windows")
assert a.keys() == b.keys() and len(a) > 0
cosines = [dot(a[key], b[key]) / math.sqrt(dot(a[key], a[key]) * dot(b[key], b[key])) for key in a]
assert min(cosines) >= 0.9999, min(cosines)
print(f"{len(linux)} photos in the same order; {len(a)} vectors with a cosine of at least {min(cosines):.8f}.")
END

echo "== Open the window on the photos, as Explorer does"
WINEDEBUG=-all,trace+wgl wine "$folder/tagrollw.exe" "$place\\." >"$scratch/window.log" 2>&1 &
window=$!
# Wine notes every frame that the program hands to the screen.
frames() { grep -c 'wglSwapBuffers (' "$scratch/window.log" || true; }
colours() { xwd -root -silent | tail -c +3400 | od -An -v -tx4 -w4 | sort -u | wc -l; }
until [ "$(colours)" -gt 4000 ]; do
  kill -0 "$window" 2>/dev/null || { tail -5 "$scratch/window.log"; fail "the window closed by itself"; }
  [ $((waited = ${waited:-0} + 1)) -lt 240 ] || fail "no photos on the screen after two minutes"
  sleep 0.5
done
echo "Photos on the screen: $(colours) colours, $(frames) frames so far."
xdotool search --onlyvisible --name Tagroll windowfocus
begun=$(frames)
for step in $(seq 60); do xdotool mousemove $((300 + 10 * step)) $((200 + 5 * step)); sleep 0.05; done
drawn=$(($(frames) - begun))
echo "While the pointer moved over the photos, the window drew $drawn frames."
[ "$drawn" -ge 30 ] || fail "fewer than 30 frames"
import -window root "$pictures/windows-photos.png"
xdotool key ctrl+f
xdotool type --delay 60 'a dog on the beach'
sleep 3
import -window root "$pictures/windows-find.png"
changed=$(compare -metric AE "$pictures/windows-photos.png" "$pictures/windows-find.png" null: 2>&1 || true)
echo "Typing a search changed ${changed%.*} pixels."
[ "${changed%.*}" -gt 20000 ] || fail "typing changed nothing"

echo "== Neither remove nor replace a program that is open"
if wine "$folder/uninstall.exe" /S _?="$(windows_path "$folder")"; then fail "it was removed while open"; fi
[ -s "$folder/tagroll.exe" ] || fail "it was removed while open"
if wine "$installer" /S; then fail "it was replaced while open"; fi
wine taskkill /im tagrollw.exe >/dev/null
wait "$window" || fail "the window ended with $?"
settle
[ -s "$library/session.json" ] || fail "the window saved nothing"

echo "== Remove in silence"
wine "$folder/uninstall.exe" /S
settle
listing | grep -v '/AppData/Local/tagroll' >"$scratch/after"
diff "$scratch/before" "$scratch/after" || fail "something else changed on the disk"
if grep -aiq tagroll "$WINEPREFIX"/*.reg; then grep -ai tagroll "$WINEPREFIX"/*.reg; fail "something is left in the registry"; fi
[ -s "$library/tagroll.db" ] || fail "the library is gone"
sums | cmp - "$scratch/photos-before" || fail "a photo changed"
echo "Nothing is left but the library, $(du -sh "$library" | cut -f1); all photos are as they were."
