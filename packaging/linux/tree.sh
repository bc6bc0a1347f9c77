#!/usr/bin/env bash
# Lays out what every Linux package holds, below a folder: usr/bin, usr/share. Writes nowhere else.
# Usage: packaging/linux/tree.sh PROGRAM TREE, with these variables:
#   MODEL        a model's folder, for a program without the starter model inside; its name becomes the model's id
#   HOMEPAGE, SCREENSHOTS   web addresses for software centres: of the project, of the folder with its pictures
#   NOTICES      a file with the licences of the libraries inside the program
#   SOURCE_DATE_EPOCH       the date of all files; without it, that of the last commit
set -euo pipefail
program=$(realpath "$1") tree=$(realpath -m "$2")
cd "$(dirname "$0")/../.."

export SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)
share=$tree/usr/share doc=$tree/usr/share/doc/tagroll
rm -rf "$tree"
put() { install -D -m 644 "$1" "$2"; }

install -D -m 755 "$program" "$tree/usr/bin/tagroll"
strip --strip-unneeded --remove-section=.comment --remove-section=.note "$tree/usr/bin/tagroll"

put packaging/linux/tagroll.desktop "$share/applications/tagroll.desktop"
for size in 16 32 48 64 128 256 512; do
  put "assets/icon/tagroll-$size.png" "$share/icons/hicolor/${size}x$size/apps/tagroll.png"
done
put assets/icon/tagroll.svg "$share/icons/hicolor/scalable/apps/tagroll.svg"

# Software centres fetch pictures themselves, so there are none without an address.
metainfo=$share/metainfo/org.tagroll.Tagroll.metainfo.xml
put packaging/linux/tagroll.metainfo.xml "$metainfo"
sed -i -e "s|@VERSION@|$version|; s|@DATE@|$(date -u -d "@$SOURCE_DATE_EPOCH" +%F)|" -e '/<!--.*-->/d' "$metainfo"
if [ -n "${HOMEPAGE:-}" ]; then sed -i "s|@HOMEPAGE@|$HOMEPAGE|" "$metainfo"; else sed -i '/@HOMEPAGE@/d' "$metainfo"; fi
if [ -n "${SCREENSHOTS:-}" ]; then
  sed -i "s|@SCREENSHOTS@|$SCREENSHOTS|" "$metainfo"
else
  sed -i '/<screenshots>/,/<\/screenshots>/d' "$metainfo"
fi

made=$(mktemp -d)
trap 'rm -rf "$made"' EXIT
"$tree/usr/bin/tagroll" generate "$made"
for page in "$made"/*.1; do
  gzip -9n "$page"
  put "$page.gz" "$share/man/man1/$(basename "$page").gz"
done
put "$made/tagroll.bash" "$share/bash-completion/completions/tagroll"
put "$made/_tagroll" "$share/zsh/vendor-completions/_tagroll"
put "$made/tagroll.fish" "$share/fish/vendor_completions.d/tagroll.fish"

# A paragraph of a copyright file: its name, then the text, indented.
licence() {
  printf 'License: %s\n' "$1"
  sed -e 's/[[:space:]]*$//' -e 's/^$/./' -e 's/^/ /'
  echo
}
mkdir -p "$doc"
{
  cat packaging/linux/copyright
  sed -n '/^MIT License/,/^====/p' LICENSE | sed '1,4d; /^====/d' | licence MIT
  sed -n '/^SIL OPEN FONT LICENSE/,$p' assets/fonts/IBM-Plex-Sans-OFL.txt | licence OFL-1.1
} | sed -e :a -e '/^\n*$/{$d;N;ba' -e '}' >"$doc/copyright"
chmod 644 "$doc/copyright"
gzip -9nc CHANGELOG.md >"$doc/changelog.gz"
chmod 644 "$doc/changelog.gz"
if [ -n "${NOTICES:-}" ]; then put "$NOTICES" "$doc/NOTICES.txt"; fi

for photo in assets/sample/*.jpg assets/sample/README.md; do
  put "$photo" "$share/tagroll/sample/$(basename "$photo")"
done
if [ -n "${MODEL:-}" ]; then
  for file in "$MODEL"/*; do
    if [ -f "$file" ]; then put "$file" "$share/tagroll/model/$(basename "$(realpath "$MODEL")")/$(basename "$file")"; fi
  done
else
  put assets/starter-model/TRAINING_DATA.md "$doc/TRAINING_DATA.md"
  put assets/starter-model/MODEL_CARD.md "$doc/MODEL_CARD.md"
fi

find "$tree" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
