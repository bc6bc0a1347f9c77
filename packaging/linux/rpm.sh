#!/usr/bin/env bash
# Makes an RPM package of a tree that tree.sh laid out. build.sh calls this.
# Usage: packaging/linux/rpm.sh TREE OUT VERSION PACKAGER, with SOURCE_DATE_EPOCH
set -euo pipefail
: "${SOURCE_DATE_EPOCH:?}"
tree=$1 out=$2 version=$3 packager=$4
here=$(realpath "$(dirname "$0")")

top=$out/rpm
rm -rf "$top"
mkdir -p "$top"
cp -a "$tree" "$top/tree"
# Where Fedora and openSUSE look.
mv "$top/tree/usr/share/zsh/vendor-completions" "$top/tree/usr/share/zsh/site-functions"
install -m 644 "$here/../../LICENSE" "$top/tree/usr/share/doc/tagroll/LICENSE"
touch --date="@$SOURCE_DATE_EPOCH" "$top/tree/usr/share/doc/tagroll/LICENSE"

{
  if [ -n "${HOMEPAGE:-}" ]; then echo "URL: $HOMEPAGE"; fi
  grep -v '^#' "$here/opened" | cut -f2 | sed 's/^/Requires: /'
} >"$top/more"
sed -e "s|@VERSION@|$version|; s|@PACKAGER@|$packager|" -e "/@MORE@/{r $top/more" -e 'd}' "$here/tagroll.spec" >"$top/tagroll.spec"

# The tree is finished: nothing is to be stripped, compressed or looked into once more.
rpmbuild -bb --quiet --nodeps \
  --define "_topdir $top" --define "_rpmdir $out" --define "tree $top/tree" --define '_rpmfilename %{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm' \
  --define '_binary_payload w19.zstdio' --define '_build_id_links none' --define 'debug_package %{nil}' \
  --define '__os_install_post %{nil}' --define '_buildhost tagroll' --define 'use_source_date_epoch_as_buildtime 1' \
  --define 'clamp_mtime_to_source_date_epoch 1' "$top/tagroll.spec"
rm -rf "$top"
