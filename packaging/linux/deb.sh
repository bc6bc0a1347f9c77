#!/usr/bin/env bash
# Makes a Debian package of a tree that tree.sh laid out. build.sh calls this.
# Usage: packaging/linux/deb.sh TREE OUT VERSION PACKAGER, with SOURCE_DATE_EPOCH
set -euo pipefail
: "${SOURCE_DATE_EPOCH:?}"
tree=$1 out=$2 version=$3 packager=$4
here=$(realpath "$(dirname "$0")")

architecture=$(dpkg --print-architecture)
root=$out/deb doc=$out/deb/usr/share/doc/tagroll
rm -rf "$root"
cp -a "$tree" "$root"
mkdir "$root/DEBIAN"
install -D -m 644 "$here/lintian-overrides" "$root/usr/share/lintian/overrides/tagroll"
gzip -9nc >"$doc/changelog.Debian.gz" <<END
tagroll ($version-1) unstable; urgency=medium

  * Version $version; what is new stands in changelog.gz.

 -- $packager  $(date -u -R -d "@$SOURCE_DATE_EPOCH")
END

# What the program is linked with; dpkg-shlibdeps wants to see a source package.
source=$(mktemp -d)
trap 'rm -rf "$source"' EXIT
mkdir "$source/debian"
printf 'Source: tagroll\n\nPackage: tagroll\nArchitecture: any\n' >"$source/debian/control"
linked=$(cd "$source" && dpkg-shlibdeps -O "$root/usr/bin/tagroll" | sed -n 's/^shlibs:Depends=//p')
# What the window opens at run time, so that no tool finds it: OpenGL, X11 and Wayland.
opened=$(grep -v '^#' "$here/opened" | cut -f1 | paste -sd, | sed 's/,/, /g')

cat >"$root/DEBIAN/control" <<END
Package: tagroll
Version: $version-1
Architecture: $architecture
Maintainer: $packager
Installed-Size: $(du -k --apparent-size -s "$root/usr" | cut -f1)
Depends: $linked, $opened
Recommends: xdg-desktop-portal, xdg-utils
Section: graphics
Priority: optional
${HOMEPAGE:+Homepage: $HOMEPAGE
}Description: sorts photos by how well they fit words, on this computer
 Tagroll opens folders of photos and sorts them by what you write, such as
 "a photo of a dog on a beach", while you type. It uses CLIP, a network that
 has learned pictures and their captions together, so any category works
 without training, and a few answers of yes and no teach it what words miss.
 .
 Keywords go into XMP sidecars that darktable, digiKam, Lightroom and Immich
 read, with a preview and undo. A model is part of the package: photos are
 sorted offline, and nothing is uploaded.
END
(cd "$root" && find usr -type f -print0 | sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
# Debian 11 reads no zstd.
dpkg-deb --root-owner-group -Zxz --build "$root" "$out/tagroll_$version-1_$architecture.deb" >/dev/null
rm -rf "$root"
