#!/usr/bin/env bash
# Builds the packages, judges them, and installs, uses and removes each in a bare Debian tree.
# Usage: packaging/linux/test.sh [OPTION OF build.sh…]   (packages and pictures of the window stay in target/packages)
# Needs root for the tree; what a machine does not allow is skipped aloud.
set -euo pipefail
cd "$(dirname "$0")/../.."

here=packaging/linux out=target/packages most_bytes=70000000
fail() { echo "$1" >&2; exit 1; }
part() { printf '\n-- %s\n' "$1"; }

part 'Build'
"$here/build.sh" --profile release --out "$out" "$@"
deb=$(realpath "$out"/tagroll_*.deb) rpm=$(realpath "$out"/tagroll-*.rpm) tree=$out/tree

part 'Judge'
desktop-file-validate "$tree/usr/share/applications/tagroll.desktop"
appstreamcli validate --no-net "$tree/usr/share/metainfo/org.tagroll.Tagroll.metainfo.xml"
lintian --fail-on error --tag-display-limit 0 "$deb"
for package in "$deb" "$rpm"; do
  bytes=$(stat -c %s "$package")
  [ "$bytes" -lt $most_bytes ] || fail "$package has $bytes bytes; $most_bytes are the limit."
done

part 'Install, use, remove'
if [ "$(id -u)" != 0 ] || ! unshare --mount true 2>/dev/null; then
  echo "SKIPPED: a bare Debian tree, because it needs root and a name space for mounts"
  exit 0
fi
# Whatever is mounted there goes with the name space.
unshare --mount --propagation private "$here/test-bare.sh" "$deb" "$rpm" "$out"
