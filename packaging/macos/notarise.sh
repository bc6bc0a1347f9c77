#!/usr/bin/env bash
# Has Apple look at a signed disk image, and staples its answer to it, so that Macs open it without asking, offline too.
#
# Usage: packaging/macos/notarise.sh IMAGE
#
# From the environment, a key of App Store Connect that may notarise:
#   NOTARY_KEY     the text of its .p8 file
#   NOTARY_KEY_ID  its id
#   NOTARY_ISSUER  the id of its issuer
set -euo pipefail
image=$1

if [ -z "${NOTARY_KEY:-}" ] || [ -z "${NOTARY_KEY_ID:-}" ] || [ -z "${NOTARY_ISSUER:-}" ]; then
  echo "$(basename "$image") is not notarised, because NOTARY_KEY, NOTARY_KEY_ID or NOTARY_ISSUER is not set."
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(umask 077 && printf '%s\n' "$NOTARY_KEY" >"$work/key.p8")
# Ends with an error unless Apple accepts it.
xcrun notarytool submit "$image" --key "$work/key.p8" --key-id "$NOTARY_KEY_ID" --issuer "$NOTARY_ISSUER" --wait --timeout 30m
xcrun stapler staple "$image"
xcrun stapler validate "$image"
spctl --assess --type open --context context:primary-signature --verbose "$image"
