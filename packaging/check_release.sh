#!/usr/bin/env bash
# Whether a tag may become a release: it, Cargo.toml and CHANGELOG.md must tell of the same version, with a date. Prints what the
# changelog says of it.
#
# Usage: packaging/check_release.sh v1.2.3
set -euo pipefail
cd "$(dirname "$0")/.."
tag=$1
stop() { echo "$1" >&2; exit 1; }

version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
[ "$tag" = "v$version" ] || stop "The tag is $tag, but Cargo.toml has version $version. Change one of them."
heading=$(grep -m1 '^## ' CHANGELOG.md)
[[ $heading =~ ^"## $version, "[0-9]{4}-[0-9]{2}-[0-9]{2}$ ]] ||
  stop "CHANGELOG.md begins with \"$heading\". Write \"## $version, YEAR-MONTH-DAY\" there."
awk '/^## / { sections++ } sections == 1 && !/^## /' CHANGELOG.md
