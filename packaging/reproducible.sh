# shellcheck shell=bash
# Sourced before a package is built (`. packaging/reproducible.sh`): the same commit then gives the same program, wherever the
# checkout and the toolchain lie. Signatures and the disk image of macOS carry the time all the same.

_root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
SOURCE_DATE_EPOCH=$(git -C "$_root" log -1 --format=%ct)
_cargo=${CARGO_HOME:-$HOME/.cargo}
_rust=$(rustc --print sysroot)
RUSTFLAGS="${RUSTFLAGS:-} --remap-path-prefix=$_root=/tagroll --remap-path-prefix=$_cargo=/cargo --remap-path-prefix=$_rust=/rust"
# SQLite and ring have parts in C.
CFLAGS="${CFLAGS:-} -ffile-prefix-map=$_cargo=/cargo -ffile-prefix-map=$_root=/tagroll"
export SOURCE_DATE_EPOCH RUSTFLAGS CFLAGS
unset _root _cargo _rust
