#!/usr/bin/env bash
# Makes an AppImage: one file that runs on any distribution without being installed. For the hosted release workflow.
# It has NOT been run by the project yet: appimagetool and its runtime come from neither Debian nor crates.io.
# Usage: packaging/linux/appimage.sh TREE RUNTIME OUT.AppImage
#   TREE      what build.sh leaves in target/packages/tree; built on the oldest distribution that is to run it
#   RUNTIME   the file runtime-x86_64 of the type 2 runtime, whose hash the workflow has checked; appimagetool, which must be on
#             the PATH and checked likewise, would fetch it otherwise
set -euo pipefail
tree=$(realpath "$1") runtime=$(realpath "$2") out=$(realpath -m "$3")

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
app=$folder/Tagroll.AppDir
cp -a "$tree" "$app"
# OpenGL, X11 and Wayland are the system's own: they must fit its drivers.
ln -s usr/bin/tagroll "$app/AppRun"
ln -s usr/share/applications/tagroll.desktop "$app/tagroll.desktop"
cp "$app/usr/share/icons/hicolor/256x256/apps/tagroll.png" "$app/tagroll.png"
ln -s tagroll.png "$app/.DirIcon"
# appimagetool looks for AppStream's description under the name of the desktop file.
ln -s org.tagroll.Tagroll.metainfo.xml "$app/usr/share/metainfo/tagroll.appdata.xml"
ARCH=$(uname -m) appimagetool --runtime-file "$runtime" "$app" "$out"
