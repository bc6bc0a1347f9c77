#!/usr/bin/env bash
# Makes Tagroll.app for Apple silicon and Intel, and a disk image of it, from a clean checkout. Not run on a Mac yet.
#
# Usage: packaging/macos/build.sh [--model DIR] [--out DIR]
#   --model DIR  the model to package, in a folder of its own with its LICENSE; without it, the starter model is inside
#   --out DIR    where the results go (target/packages)
#
# Needs macOS, Xcode's command line tools, Rust with both targets, Python 3.11, and dmgbuild (packaging/macos/requirements.txt).
# Signs and notarises if the environment has the keys, as sign.sh and notarise.sh say.
set -euo pipefail
cd "$(dirname "$0")/../.."

targets=(aarch64-apple-darwin x86_64-apple-darwin)
out=target/packages
model=

main() {
  read_arguments "$@"
  check_tools
  # shellcheck source=packaging/reproducible.sh
  . packaging/reproducible.sh
  # The first whose shader language has every kind of number that candle's kernels use; Info.plist names the same.
  export MACOSX_DEPLOYMENT_TARGET=14.0
  version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  build_program
  make_app
  packaging/macos/sign.sh "$work/Tagroll.app"
  make_image
}

read_arguments() {
  while [ $# -gt 0 ]; do
    case $1 in
      --model) model=$2; shift 2 ;;
      --out) out=$2; shift 2 ;;
      *) stop "usage: packaging/macos/build.sh [--model DIR] [--out DIR]" ;;
    esac
  done
  [ -z "$model" ] || [ -d "$model" ] || stop "There is no folder $model. Name the folder that holds the model's files."
}

check_tools() {
  [ "$(uname)" = Darwin ] || stop "A package for macOS can only be made on a Mac."
  local tool
  for tool in cargo lipo iconutil plutil codesign python3 dmgbuild; do
    command -v "$tool" >/dev/null || stop "$tool is missing. Install what packaging/README.md lists for macOS."
  done
  python3 -c 'import tomllib' 2>/dev/null || stop "python3 is too old. Install Python 3.11 or newer."
}

build_program() {
  local features=(--features metal) target programs=()
  [ -z "$model" ] || features=(--no-default-features --features "gui,metal")
  for target in "${targets[@]}"; do
    cargo build --locked --profile dist --target "$target" "${features[@]}"
    programs+=("${CARGO_TARGET_DIR:-target}/$target/dist/tagroll")
  done
  lipo -create -output "$work/tagroll" "${programs[@]}"
}

make_app() {
  local contents=$work/Tagroll.app/Contents notices=(macos --out "$work/notices")
  mkdir -p "$contents/MacOS" "$contents/Resources"
  install -m 755 "$work/tagroll" "$contents/MacOS/tagroll"
  install -m 644 packaging/macos/Info.plist "$contents/Info.plist"
  plutil -replace CFBundleShortVersionString -string "$version" "$contents/Info.plist"
  plutil -replace CFBundleVersion -string "$version" "$contents/Info.plist"
  plutil -lint "$contents/Info.plist"
  make_icon "$contents/Resources/Tagroll.icns"
  cp -R packaging/macos/en.lproj packaging/macos/de.lproj "$contents/Resources/"
  mkdir "$contents/Resources/sample"
  cp assets/sample/*.jpg "$contents/Resources/sample/"
  if [ -n "$model" ]; then
    mkdir "$contents/Resources/model"
    cp -R "${model%/}" "$contents/Resources/model/"
    notices+=(--model "$model")
  fi
  packaging/notices.py "${notices[@]}"
  cp "$work/notices/NOTICES.txt" "$contents/Resources/"
}

make_icon() {
  local iconset=$work/Tagroll.iconset points
  mkdir "$iconset"
  for points in 16 32 128 256 512; do
    cp "assets/icon/tagroll-$points.png" "$iconset/icon_${points}x$points.png"
    cp "assets/icon/tagroll-$((points * 2)).png" "$iconset/icon_${points}x$points@2x.png"
  done
  iconutil --convert icns --output "$1" "$iconset"
}

make_image() {
  mkdir -p "$out"
  local image=$out/tagroll-$version-macos-universal.dmg
  rm -f "$image"
  dmgbuild -s packaging/macos/image.py -D "app=$work/Tagroll.app" "Tagroll $version" "$image"
  packaging/macos/sign.sh "$image"
  packaging/macos/notarise.sh "$image"
  cp "$work/notices/tagroll.cdx.json" "$out/tagroll-$version-macos.cdx.json"
  echo "Made $image."
}

stop() {
  echo "$1" >&2
  exit 1
}

main "$@"
