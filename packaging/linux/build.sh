#!/usr/bin/env bash
# Makes the Debian and the RPM package out of a clone, on Debian or Ubuntu with a Rust toolchain; downloads nothing but crates.
# Usage: packaging/linux/build.sh [--profile dist|release | --program FILE] [--out DIR]
#          [--model DIR] [--homepage URL] [--screenshots URL] [--notices FILE]
#   --profile   `dist` (the default) takes a quarter of an hour and makes what is published; `release` is for trying things
#   --program   packages a program that is built already, for trying the packages themselves
#   --notices   the licences of what is inside; without it, `packaging/notices.py` writes them
#   --model     package this model instead of the starter model, which then is not inside the program either
# The person who packages is named by DEBFULLNAME and DEBEMAIL; without them it is the author of the last commit.
set -euo pipefail
cd "$(dirname "$0")/../.."

profile=dist program='' out=target/packages
export MODEL='' HOMEPAGE='' SCREENSHOTS='' NOTICES=''
while [ $# -gt 0 ]; do
  value=${2:?"$1 needs a value"}
  case $1 in
    --profile) profile=$value ;;
    --program) program=$value ;;
    --out) out=$value ;;
    --model) MODEL=$value ;;
    --homepage) HOMEPAGE=$value ;;
    --screenshots) SCREENSHOTS=$value ;;
    --notices) NOTICES=$value ;;
    *) echo "There is no option $1." >&2; exit 2 ;;
  esac
  shift 2
done
if [ -n "$MODEL" ] && [ ! -d "$MODEL" ]; then echo "There is no folder $MODEL." >&2; exit 2; fi
for tool in dpkg-shlibdeps:dpkg-dev rpmbuild:rpm strip:binutils; do
  command -v "${tool%:*}" >/dev/null || { echo "Install the package ${tool#*:} first." >&2; exit 2; }
done
mkdir -p "$out"
out=$(realpath "$out")

if [ -z "$program" ]; then
  features=()
  if [ -n "$MODEL" ]; then features=(--no-default-features --features gui); fi
  cargo build --locked --profile "$profile" --bin tagroll "${features[@]}"
  program=${CARGO_TARGET_DIR:-target}/$profile/tagroll
fi

if [ -z "$NOTICES" ]; then
  packaging/notices.py linux --out "$out/notices" ${MODEL:+--model "$MODEL"}
  NOTICES=$out/notices/NOTICES.txt
fi

export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
packager="${DEBFULLNAME:-$(git log -1 --format=%an)} <${DEBEMAIL:-$(git log -1 --format=%ae)}>"
tree=$out/tree
packaging/linux/tree.sh "$program" "$tree"

# The model that was asked for opens, or there is no package.
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
"$tree/usr/bin/tagroll" doctor --data-dir "$scratch/data" | grep '^Model'

rm -f "$out"/*.deb "$out"/*.rpm
packaging/linux/deb.sh "$tree" "$out" "$version" "$packager"
packaging/linux/rpm.sh "$tree" "$out" "$version" "$packager"
ls -l "$out"/*.deb "$out"/*.rpm
