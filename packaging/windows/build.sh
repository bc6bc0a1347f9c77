#!/usr/bin/env bash
# Makes the Windows installer out of a clone, on Debian, with Debian's own packages; downloads nothing but crates.
# Usage: packaging/windows/build.sh [--profile dist|release] [--out DIR] [--model DIR] [--notices FILE]
#   --profile   `dist` (the default) is what is published; `release` is for trying things
#   --model     package this model instead of the starter model, which then is not inside the program either
#   --notices   a file with the licences of the libraries inside the program
# With WINDOWS_CERTIFICATE in the environment, programs and uninstaller are signed by sign.sh; the installer is to be signed afterwards.
set -euo pipefail
cd "$(dirname "$0")/../.."

profile=dist out=target/packages model='' notices=''
while [ $# -gt 0 ]; do
  value=${2:?"$1 needs a value"}
  case $1 in
    --profile) profile=$value ;;
    --out) out=$value ;;
    --model) model=$value ;;
    --notices) notices=$value ;;
    *) echo "There is no option $1." >&2; exit 2 ;;
  esac
  shift 2
done
if [ -n "$model" ] && [ ! -d "$model" ]; then echo "There is no folder $model." >&2; exit 2; fi

# The compiler and the sources of its library must be of one version, which Debian's are. A toolchain of rustup would
# have to download both, so it is passed over even where its programs come first.
missing=()
for file in /usr/bin/rustc:rustc-web /usr/bin/cargo:cargo-web /usr/lib/rustlib/src/rust/library/Cargo.lock:rust-web-src \
  /usr/bin/gcc:gcc /usr/bin/x86_64-w64-mingw32-gcc:gcc-mingw-w64-x86-64 /usr/bin/makensis:nsis /usr/bin/icotool:icoutils; do
  [ -e "${file%:*}" ] || missing+=("${file#*:}")
done
if [ ${#missing[@]} -gt 0 ]; then echo "Install these packages first: ${missing[*]}" >&2; exit 2; fi

target=x86_64-pc-windows-gnu
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
mkdir -p "$out"
out=$(realpath "$out")
work=$out/windows
rm -rf "$work"
mkdir -p "$work/resources"

echo "== Icon, version and manifest"
icotool --create --output="$work/resources/tagroll.ico" \
  assets/icon/tagroll-{16,32,48,64,128}.png --raw=assets/icon/tagroll-256.png
sed "s/@VERSION@/$version/" packaging/windows/tagroll.manifest >"$work/resources/tagroll.manifest"
x86_64-w64-mingw32-windres --include-dir="$work/resources" --codepage=65001 \
  -DVERSION_NUMBERS="${version//./,},0" -DVERSION_TEXT="\\\"$version\\\"" \
  packaging/windows/tagroll.rc "$work/resources/tagroll.o"
# Cargo links anew only where a file has another name.
resources=$work/resources/tagroll-$(sha256sum <"$work/resources/tagroll.o" | cut -c1-16).o
mv "$work/resources/tagroll.o" "$resources"

echo "== Program"
# Debian has no library for Windows, so it is built with the program, which takes the compiler's unstable options.
export RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_LINKER=x86_64-w64-mingw32-gcc
# Nothing of this machine is to be found inside the program, so that another makes the same one.
cargo_home=${CARGO_HOME:-$HOME/.cargo}
export CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUSTFLAGS="-Ctarget-feature=+crt-static \
--remap-path-prefix=$cargo_home=/cargo --remap-path-prefix=$PWD=/tagroll"
export CFLAGS_x86_64_pc_windows_gnu="-ffile-prefix-map=$cargo_home=/cargo"
features=()
if [ -n "$model" ]; then features=(--no-default-features --features gui); fi
# The stack is as large as on Linux.
/usr/bin/cargo rustc --locked --profile "$profile" --bin tagroll "${features[@]}" --target "$target" \
  --target-dir target/windows -Zbuild-std=std,panic_unwind -- \
  -Clink-arg="$resources" -Clink-arg=-Wl,--no-insert-timestamp,--stack,8388608
program=target/windows/$target/$profile/tagroll.exe
if x86_64-w64-mingw32-objdump -p "$program" | grep 'DLL Name: lib'; then
  echo "The program needs a library that Windows does not have." >&2
  exit 1
fi

echo "== What is installed"
tree=$work/tree
mkdir -p "$tree/sample"
cp "$program" "$tree/tagroll.exe"
x86_64-w64-mingw32-strip "$tree/tagroll.exe"
# The same program for those who click: one number in its header says whether Windows opens a console for it. A program
# without one cannot be waited for on a command line, so there are two. The checksum before that number may be zero.
cp "$tree/tagroll.exe" "$tree/tagrollw.exe"
header=$(od -An -tu4 -j60 -N4 "$tree/tagrollw.exe")
printf '\0\0\0\0\2\0' | dd of="$tree/tagrollw.exe" bs=1 seek=$((header + 88)) conv=notrunc status=none
x86_64-w64-mingw32-objdump -p "$tree/tagrollw.exe" | grep 'Subsystem.*Windows GUI'

sign=()
if [ -n "${WINDOWS_CERTIFICATE:-}" ]; then
  sign=(-DSIGN="$PWD/packaging/windows/sign.sh")
  for program in tagroll tagrollw; do packaging/windows/sign.sh "$tree/$program.exe"; done
fi

cp assets/sample/*.jpg assets/sample/README.md "$tree/sample"
cp LICENSE "$tree/LICENSE.txt"
if [ -n "$notices" ]; then cp "$notices" "$tree/$(basename "$notices")"; fi
if [ -n "$model" ]; then
  mkdir -p "$tree/model/$(basename "$(realpath "$model")")"
  find "$model" -maxdepth 1 -type f -exec cp {} "$tree/model/$(basename "$(realpath "$model")")" \;
else
  cp assets/starter-model/{MODEL_CARD,TRAINING_DATA}.md "$tree"
fi
export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
find "$tree" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +

echo "== Installer"
# Takes away exactly what was installed, whatever else has come to lie in the folder.
# shellcheck disable=SC2016,SC1003 # $INSTDIR is NSIS's own, and tr wants a backslash as two
{
  (cd "$tree" && find . -mindepth 1 -type f -printf 'Delete "$INSTDIR\\%P"\n' | sort)
  (cd "$tree" && find . -mindepth 1 -depth -type d -printf 'RMDir "$INSTDIR\\%P"\n')
} | tr / '\\' >"$work/remove.nsh"
installer=$out/tagroll-$version-windows-x86_64.exe
makensis -V2 -INPUTCHARSET UTF8 -DVERSION="$version" -DTREE="$tree" -DICON="$work/resources/tagroll.ico" \
  -DREMOVE="$work/remove.nsh" -DSIZE_KB="$(du -k --apparent-size -s "$tree" | cut -f1)" -DOUT="$installer" "${sign[@]}" \
  packaging/windows/installer.nsi
ls -l "$installer"
