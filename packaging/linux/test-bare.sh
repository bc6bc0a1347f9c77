#!/usr/bin/env bash
# Installs each package in a Debian tree with nothing else in it, sorts photos and opens the window there as an ordinary
# person, removes it, and looks for what is left. test.sh calls this.
# Usage: packaging/linux/test-bare.sh DEB RPM PICTURES
set -euo pipefail
deb=$1 rpm=$2 pictures=$(realpath "$3")
cd "$(dirname "$0")/../.."
fail() { echo "$1" >&2; exit 1; }

# The mirror is the one that this machine uses.
mirror=$({ cat /etc/apt/sources.list /etc/apt/sources.list.d/*.{list,sources} 2>/dev/null || true; } |
  sed -nE 's#^(URIs:|deb) *(\[[^]]*\] *)?(https?://[^ ]*/(debian|ubuntu)/?)( .*)?$#\3#p' | head -1)
[ -n "$mirror" ] || fail "No Debian mirror is set up in /etc/apt."
suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
bare=$(mktemp -d /var/tmp/tagroll-bare.XXXXXX)
chmod 755 "$bare"
trap 'umount "$bare/proc" 2>/dev/null || true; rm -rf --one-file-system "$bare"' EXIT
debootstrap --variant=minbase "$suite" "$bare" "$mirror" >"$bare.log" || { tail "$bare.log" >&2; exit 1; }
rm "$bare.log"
mount -t proc proc "$bare/proc"
chroot "$bare" useradd --create-home ada
cp -r assets/sample "$bare/home/ada/photos"
person=(env HOME=/home/ada PATH=/usr/bin:/bin)
ada() {
  chroot --userspec=1000:1000 "$bare" "${person[@]}" "$@"
}

# What the installed program makes of photos, and whether its window draws them.
use() {
  ada tagroll sort /home/ada/photos --category cat --category coffee --category rocket --top 1 |
    tee "$bare/sorted"
  for photo in cat.jpg coffee.jpg rocket.jpg; do
    grep -q "$photo" "$bare/sorted" || fail "$photo is not the best of its category."
  done
  packaging/linux/first-frame.sh --picture "$pictures/window-$1.png" \
    chroot --userspec=1000:1000 "$bare" "${person[@]}" tagroll /home/ada/photos
}

# Files that the package brought, or that are called like it, apart from the person's data and what installers write down.
left() {
  while read -r path; do [ ! -f "$bare$path" ] || echo "$path"; done <"$bare/brought"
  find "$bare" -mindepth 1 -xdev -iname '*tagroll*' -printf '/%P\n' |
    grep -Ev '^/(home/ada/|var/(log|cache|lib/(apt|dpkg|rpm))/|tagroll\.)' || true
}
check_left() {
  [ -f "$bare/home/ada/.local/share/tagroll/tagroll.db" ] || fail "The person's data is gone."
  [ -z "$(left)" ] || fail "$1 left behind: $(left)"
  echo "$1 left nothing behind but the person's data."
}

echo "A bare $suite, and the Debian package:"
cp "$deb" "$bare/tagroll.deb"
apt() { DEBIAN_FRONTEND=noninteractive chroot "$bare" apt-get -qq -o Dpkg::Use-Pty=0 "$@" >"$bare/apt.log" 2>&1 || { tail "$bare/apt.log" >&2; exit 1; }; }
apt install --no-install-recommends --yes /tagroll.deb
chroot "$bare" dpkg -L tagroll >"$bare/brought"
use deb
apt purge --yes tagroll
check_left "The Debian package"

# The libraries stay, so the same tree serves as a system with RPM. Its data base knows none of them: what the package
# requires is looked for by name.
echo "The same tree, and the RPM:"
libraries=$(chroot "$bare" /sbin/ldconfig -p)
for library in $(rpm -qp --requires "$rpm" | sed -n 's/^\(lib[^(]*\)(.*/\1/p' | sort -u); do
  [[ $libraries == *"$library"* ]] || fail "The RPM requires $library, which is not there."
done
# Debian's rpm wants to be told that this is meant.
installer=(rpm --force-debian --root "$bare" --dbpath /var/lib/rpm)
"${installer[@]}" --install --nodeps "$rpm"
"${installer[@]}" -ql tagroll >"$bare/brought"
"${installer[@]}" --verify --nodeps tagroll
use rpm
"${installer[@]}" --erase tagroll
check_left "The RPM"
