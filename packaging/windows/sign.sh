#!/usr/bin/env bash
# Signs a program or an installer for Windows, on Debian with osslsigncode.
#
# Usage: packaging/windows/sign.sh FILE
#
# From the environment:
#   WINDOWS_CERTIFICATE           a code signing certificate with its key: a .pfx file in base64
#   WINDOWS_CERTIFICATE_PASSWORD  what the .pfx file was locked with
# Without them the file stays as it is, and Windows warns whoever starts it.
set -euo pipefail
file=$1

if [ -z "${WINDOWS_CERTIFICATE:-}" ]; then
  echo "$(basename "$file") is not signed, because WINDOWS_CERTIFICATE is not set."
  exit 0
fi
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(umask 077 && printf %s "$WINDOWS_CERTIFICATE" | base64 -d >"$work/certificate.pfx")
(umask 077 && printf %s "${WINDOWS_CERTIFICATE_PASSWORD:-}" >"$work/password")
# The time comes from a service, so that the signature stays good when the certificate has run out.
osslsigncode sign -pkcs12 "$work/certificate.pfx" -readpass "$work/password" -h sha256 \
  -n Tagroll -ts http://timestamp.digicert.com -in "$file" -out "$work/signed"
mv "$work/signed" "$file"
