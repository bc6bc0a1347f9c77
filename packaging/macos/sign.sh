#!/usr/bin/env bash
# Signs an app or a disk image for the hardened runtime.
#
# Usage: packaging/macos/sign.sh PATH
#
# From the environment:
#   MACOS_CERTIFICATE           the "Developer ID Application" certificate with its key: a .p12 file in base64
#   MACOS_CERTIFICATE_PASSWORD  what the .p12 file was locked with
# Without them an app gets a signature that names nobody, which Apple silicon needs to run it at all, and which people have
# to let through in System Settings, Privacy & Security.
set -euo pipefail
path=$1
here=$(cd "$(dirname "$0")" && pwd)

main() {
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  if [ -z "${MACOS_CERTIFICATE:-}" ]; then
    echo "$(basename "$path") is not signed by name, because MACOS_CERTIFICATE is not set."
    [ ! -d "$path" ] || sign --sign -
    return
  fi
  keychain=$work/tagroll.keychain-db
  trap 'security delete-keychain "$keychain" 2>/dev/null || true; rm -rf "$work"' EXIT
  unpack_certificate
  local name
  name=$(identity)
  sign --timestamp --keychain "$keychain" --sign "$name"
}

unpack_certificate() {
  local password
  password=$(openssl rand -hex 24)
  printf %s "$MACOS_CERTIFICATE" | openssl base64 -d -A >"$work/certificate.p12"
  security create-keychain -p "$password" "$keychain"
  security unlock-keychain -p "$password" "$keychain"
  security import "$work/certificate.p12" -k "$keychain" -P "${MACOS_CERTIFICATE_PASSWORD:-}" -T /usr/bin/codesign
  rm "$work/certificate.p12"
  # Without this, codesign would ask a person who is not there.
  security set-key-partition-list -S apple-tool:,apple: -s -k "$password" "$keychain" >/dev/null
  # codesign finds the chain of certificates only in keychains that are searched.
  local others
  others=$(security list-keychains -d user | tr -d '"')
  # shellcheck disable=SC2086 # one word a keychain
  security list-keychains -d user -s "$keychain" $others
}

identity() {
  local found
  found=$(security find-identity -v -p codesigning "$keychain" | awk '/Developer ID Application/ { print $2; exit }')
  if [ -z "$found" ]; then
    echo "MACOS_CERTIFICATE holds no \"Developer ID Application\" certificate. Export that one from the keychain." >&2
    return 1
  fi
  echo "$found"
}

sign() {
  local runtime=()
  if [ -d "$path" ]; then
    # The part of the system that checks entitlements reads no comments in them.
    plutil -convert xml1 -o "$work/entitlements.plist" "$here/entitlements.plist"
    runtime=(--options runtime --entitlements "$work/entitlements.plist")
  fi
  # Bash 3.2, which macOS has, takes an empty array for an unset one.
  codesign --force ${runtime[@]+"${runtime[@]}"} "$@" "$path"
  codesign --verify --strict --verbose=2 "$path"
}

main
